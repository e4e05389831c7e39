import { readAll } from '../../../features/api/read-all.js';
import { InviteForm } from '../../../features/organisations/forms.js';
import { InvitationList, MemberList, RoleTable } from '../../../features/organisations/member-list.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { PageHead } from '../../../ui/page-head.js';

export const metadata = { title: 'Members' };

export default async function MembersPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api, user } = await pageCaller();
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  const manages = role === 'owner' || role === 'admin';
  const [members, invitations] = await Promise.all([
    readAll((part) => api.organisation.members({ organisation, ...part })),
    manages ? readAll((part) => api.organisation.invitations({ organisation, ...part })) : null,
  ]);
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: 'Members' }]} title="Members" />
      <MemberList organisation={organisation} members={members} ownRole={role ?? 'viewer'} ownUserId={user.id} />
      {invitations !== null ? (
        <section className="panel" aria-label="Invite">
          <header>
            <h2>Invite somebody</h2>
          </header>
          <div className="body form">
            <p className="muted">You get a link to send. It is good once, for this address.</p>
            <InviteForm organisation={organisation} />
          </div>
          {invitations.length === 0 ? null : (
            <InvitationList
              organisation={organisation}
              invitations={invitations.map(({ id, email, role: asked, expiresAt }) => ({
                id,
                email,
                role: asked,
                expiresAt: expiresAt.toISOString(),
              }))}
            />
          )}
        </section>
      ) : null}
      <RoleTable />
    </>
  );
}
