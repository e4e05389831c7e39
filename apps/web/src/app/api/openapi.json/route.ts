import { handleOpenApi } from '../../../server/rest/handle-openapi.js';

export const dynamic = 'force-dynamic';
export { handleOpenApi as GET };
