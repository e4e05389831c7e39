import { handleNodeApi } from '../../../../server/node-api/handle-node-api.js';

export const dynamic = 'force-dynamic';
export {
  handleNodeApi as DELETE,
  handleNodeApi as GET,
  handleNodeApi as PATCH,
  handleNodeApi as POST,
  handleNodeApi as PUT,
};
