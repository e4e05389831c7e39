export const dynamic = 'force-dynamic';
export { handleLive as GET } from '../../../server/live/handle-live.js';
