import { handleSignUp } from '../../../server/accounts/handle-sign-up.js';

export const dynamic = 'force-dynamic';
export { handleSignUp as POST };
