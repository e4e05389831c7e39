// Bundles the workflows for the sandbox that they run in, so that a control worker starts without doing it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = at('../dist/workflow-bundle.js');
const { code } = await bundleWorkflowCode({
  workflowsPath: at('../dist/workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
const present = (() => {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return null;
  }
})();
if (present !== code) {
  writeFileSync(`${target}.new`, code);
  renameSync(`${target}.new`, target);
}
