'use client';

import { ActionForm } from '../../ui/action-form.js';
import { messageOf, trpc } from '../api/trpc-client.js';

/** A name for people, and one for addresses. */
function NameFields() {
  return (
    <>
      <label className="field">
        <span>Name</span>
        <input name="name" required />
      </label>
      <label className="field">
        <span>In addresses</span>
        <input name="slug" required pattern="[a-z0-9]([a-z0-9-]*[a-z0-9])?" maxLength={40} />
      </label>
    </>
  );
}

export function CreateOrganisationForm() {
  return (
    <ActionForm
      submit="Create"
      action={({ slug = '', name = '' }) => trpc.organisation.create.mutate({ slug, name }).then(() => null, messageOf)}
    >
      <NameFields />
    </ActionForm>
  );
}

export function CreateProjectForm({ organisation }: { organisation: string }) {
  return (
    <ActionForm
      submit="Create"
      action={({ slug = '', name = '' }) =>
        trpc.project.create.mutate({ organisation, slug, name }).then(() => null, messageOf)
      }
    >
      <NameFields />
    </ActionForm>
  );
}

export function InviteForm({ organisation }: { organisation: string }) {
  return (
    <ActionForm
      submit="Invite"
      action={({ email = '', role = 'member' }) =>
        trpc.organisation.invite
          .mutate({ organisation, email, role: role as 'member' })
          .then(({ url }) => `Send this link, it is shown once: ${url}`, messageOf)
      }
    >
      <label className="field">
        <span>E-mail</span>
        <input name="email" type="email" required />
      </label>
      <label className="field">
        <span>Role</span>
        <select name="role" defaultValue="member">
          <option>viewer</option>
          <option>member</option>
          <option>admin</option>
        </select>
      </label>
    </ActionForm>
  );
}
