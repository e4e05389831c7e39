import { handleHealth } from '../../../server/health.js';

export const dynamic = 'force-dynamic';
export { handleHealth as GET };
