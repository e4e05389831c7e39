import { handleAuth } from '../../../../server/accounts/handle-auth.js';

export const dynamic = 'force-dynamic';
export { handleAuth as GET, handleAuth as POST };
