import {
  createProject,
  findOrganisation,
  findProject,
  getDataset,
  listDatasets,
  listNodes,
  listProjects,
  type Page,
} from '@lockstep/db';
import type { RestHandler } from '../call.js';
import { scopesNow } from '../scopes-now.js';

export const getMeHandler: RestHandler<'getMe'> = async ({ container, context, caller }) => {
  const { slug, name } = await findOrganisation(container.db, context, { organisationId: caller.organisationId });
  return {
    organisation: { slug, name },
    actor: { kind: 'token', name: caller.name },
    scopes: scopesNow(caller),
    role: caller.role,
    project: caller.project,
    expiresAt: caller.expiresAt?.toISOString() ?? null,
  };
};

export const listProjectsHandler: RestHandler<'listProjects'> = async ({ container, context, caller }, { query }) =>
  plain(await listProjects(container.db, context, { organisationId: caller.organisationId, ...query }));

export const createProjectHandler: RestHandler<'createProject'> = async ({ container, context, caller }, { body }) => {
  const { organisationId } = caller;
  await createProject(container.db, context, { organisationId, ...body });
  return findProject(container.db, context, { organisationId, slug: body.slug });
};

export const getProjectHandler: RestHandler<'getProject'> = ({ container, context, caller }, { params }) =>
  findProject(container.db, context, { organisationId: caller.organisationId, slug: params.project });

export const listDatasetsHandler: RestHandler<'listDatasets'> = async ({ container, context, caller }, { query }) =>
  plain(await listDatasets(container.db, context, { organisationId: caller.organisationId, ...query }));

export const getDatasetHandler: RestHandler<'getDataset'> = ({ container, context, caller }, { params }) =>
  getDataset(container.db, context, { organisationId: caller.organisationId, ...params });

export const listNodesHandler: RestHandler<'listNodes'> = async ({ container, context, caller }, { query }) =>
  plain(await listNodes(container.db, context, { organisationId: caller.organisationId, ...query }));

function plain<T>({ items, nextCursor }: Page<T>): { items: T[]; nextCursor: string | null } {
  return { items: [...items], nextCursor };
}
