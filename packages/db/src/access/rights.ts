import type { TokenScope } from '@lockstep/contracts';
import type { Role } from '../generated/prisma/enums.js';

export type Right =
  | 'organisation:read'
  | 'members:write'
  | 'owners:write'
  | 'audit:read'
  | 'projects:read'
  | 'projects:write'
  | 'runs:read'
  | 'runs:write'
  | 'datasets:read'
  | 'datasets:write'
  | 'nodes:read'
  | 'nodes:write'
  | 'tokens:write'
  | 'limits:write';

const viewer: readonly Right[] = ['organisation:read', 'projects:read', 'runs:read', 'datasets:read', 'nodes:read'];
const member: readonly Right[] = [...viewer, 'projects:write', 'runs:write', 'datasets:write', 'tokens:write'];
const admin: readonly Right[] = [...member, 'members:write', 'nodes:write', 'audit:read'];

const rightsOfRole: Record<Role, ReadonlySet<Right>> = {
  viewer: new Set(viewer),
  member: new Set(member),
  admin: new Set(admin),
  owner: new Set<Right>([...admin, 'owners:write', 'limits:write']),
};

const reading: readonly Right[] = ['runs:read', 'projects:read', 'datasets:read', 'nodes:read'];

/** No scope lets a token make tokens or touch members. */
const rightsOfScope: Record<TokenScope, readonly Right[]> = {
  'runs:read': reading,
  'runs:write': [...reading, 'runs:write'],
  'projects:write': ['projects:read', 'projects:write'],
  'datasets:write': ['datasets:read', 'datasets:write'],
};

export function roleAllows(role: Role, right: Right): boolean {
  return rightsOfRole[role].has(right);
}

/** Scopes that are not known (any more) allow nothing. */
export function scopesAllow(scopes: readonly string[], right: Right): boolean {
  return scopes.some((scope) => rightsOfScope[scope as TokenScope]?.includes(right));
}
