import { InviteForm } from '../../../features/organisations/forms.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { Crumbs } from '../../../ui/crumbs.js';
import { Scroll } from '../../../ui/scroll.js';

export const metadata = { title: 'Members' };

export default async function MembersPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller(`/${organisation}/members`);
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  const members = await api.organisation.members({ organisation, limit: 200 });
  return (
    <>
      <div>
        <Crumbs items={[{ text: organisation, href: `/${organisation}` }, { text: 'Members' }]} />
        <div className="head">
          <h1>Members</h1>
        </div>
      </div>
      <section className="panel" aria-label="Members">
        <Scroll>
          <table>
            <thead>
              <tr>
                <th>Name</th>
                <th>E-mail</th>
                <th>Role</th>
              </tr>
            </thead>
            <tbody>
              {members.items.map((member) => (
                <tr key={member.userId}>
                  <td>{member.name}</td>
                  <td>{member.email}</td>
                  <td>{member.role}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
      {role === 'owner' || role === 'admin' ? (
        <section className="panel" aria-label="Invite">
          <header>
            <h2>Invite somebody</h2>
          </header>
          <div className="body form">
            <p className="muted">You get a link to send. It is good once, for this address.</p>
            <InviteForm organisation={organisation} />
          </div>
        </section>
      ) : null}
    </>
  );
}
