'use client';

import { useState } from 'react';
import { ActionForm } from '../../ui/action-form.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { slugOf } from './slug-of.js';

/** A name for people, and one for addresses, which follows it until somebody writes another. */
function NameFields() {
  const [slug, setSlug] = useState('');
  const [isOwn, setOwn] = useState(false);
  return (
    <>
      <label className="field">
        <span>Name</span>
        <input
          name="name"
          required
          maxLength={128}
          onChange={(event) => (isOwn ? undefined : setSlug(slugOf(event.target.value)))}
        />
      </label>
      <label className="field">
        <span>In addresses</span>
        <input
          name="slug"
          required
          pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
          title="Lower-case letters, digits and hyphens, with no hyphen at the ends"
          maxLength={40}
          value={slug}
          onChange={(event) => {
            setSlug(event.target.value);
            setOwn(event.target.value !== '');
          }}
        />
      </label>
    </>
  );
}

/** Goes where what was made is. */
const goTo = (path: string) => (): null => {
  window.location.assign(path);
  return null;
};

export function CreateOrganisationForm() {
  return (
    <ActionForm
      submit="Create"
      action={({ slug = '', name = '' }) =>
        trpc.organisation.create.mutate({ slug, name }).then(goTo(`/${slug}`), messageOf)
      }
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
        trpc.project.create.mutate({ organisation, slug, name }).then(goTo(`/${organisation}/${slug}/runs`), messageOf)
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
