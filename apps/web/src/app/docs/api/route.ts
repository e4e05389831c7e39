import { handleApiPage } from '../../../server/rest/handle-api-page.js';

export const dynamic = 'force-dynamic';
export { handleApiPage as GET };
