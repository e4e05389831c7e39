import { handleCheckpointPage } from '../../../../../../../server/runs/handle-checkpoint-page.js';

export const dynamic = 'force-dynamic';
export { handleCheckpointPage as GET };
