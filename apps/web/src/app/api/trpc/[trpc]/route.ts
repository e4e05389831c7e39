import { handleTrpc } from '../../../../server/handle-trpc.js';

export const dynamic = 'force-dynamic';
export { handleTrpc as GET, handleTrpc as POST };
