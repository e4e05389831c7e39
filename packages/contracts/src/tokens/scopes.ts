import { z } from 'zod';

/** What a token may be made for. Its right is this and its owner's present role, whichever is less. */
export const tokenScopes = ['runs:read', 'runs:write', 'projects:write', 'datasets:write'] as const;
export const tokenScopeSchema = z.enum(tokenScopes);
export type TokenScope = z.infer<typeof tokenScopeSchema>;
