'use client';

import { tokenScopes } from '@lockstep/contracts';
import { ActionForm } from '../../ui/action-form.js';
import { messageOf, trpc } from '../api/trpc-client.js';

const dayMs = 24 * 3600 * 1000;

export function CreateTokenForm({ organisation }: { organisation: string }) {
  return (
    <ActionForm
      submit="Create token"
      action={({ name = '', days = '30', ...rest }) =>
        trpc.token.create
          .mutate({
            organisation,
            name,
            scopes: tokenScopes.filter((scope) => rest[scope] === 'on'),
            expiresAt: new Date(Date.now() + Number(days) * dayMs),
          })
          .then(({ secret }) => `Copy it now, it is shown once: ${secret}`, messageOf)
      }
    >
      <label className="field">
        <span>Name</span>
        <input name="name" required maxLength={64} />
      </label>
      {tokenScopes.map((scope) => (
        <label key={scope} className="check">
          <input type="checkbox" name={scope} defaultChecked={scope.startsWith('runs:')} />
          <code>{scope}</code>
        </label>
      ))}
      <label className="field">
        <span>Days</span>
        <input name="days" type="number" min={1} max={365} defaultValue={30} />
      </label>
    </ActionForm>
  );
}

export function RevokeTokenForm({ organisation, tokenId }: { organisation: string; tokenId: string }) {
  return (
    <ActionForm
      submit="Revoke"
      action={() => trpc.token.revoke.mutate({ organisation, tokenId }).then(() => null, messageOf)}
    />
  );
}
