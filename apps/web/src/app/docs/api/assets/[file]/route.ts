import { handleApiPageAsset } from '../../../../../server/rest/handle-api-page.js';

export const dynamic = 'force-dynamic';
export { handleApiPageAsset as GET };
