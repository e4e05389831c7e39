import { readdirSync } from 'node:fs';
import { newSlugSchema, reservedSlugs } from '@lockstep/contracts';
import { expect, it } from 'vitest';

const staticFolders = (path: string) =>
  readdirSync(new URL(path, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('['))
    .map(({ name }) => name)
    .sort();

it('no organisation or project takes the address of a page', () => {
  expect(reservedSlugs.organisation).toEqual(staticFolders('.'));
  expect(reservedSlugs.project).toEqual(staticFolders('[organisation]/'));
  expect(newSlugSchema('project').safeParse('nodes').error?.issues[0]?.message).toMatch(/another word/);
  expect(newSlugSchema('project').safeParse('account').success).toBe(true);
});
