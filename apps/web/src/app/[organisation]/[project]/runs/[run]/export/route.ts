import { handleExportPage } from '../../../../../../server/runs/handle-export-page.js';

export const dynamic = 'force-dynamic';
export { handleExportPage as GET };
