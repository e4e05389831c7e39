/** What control workers run. The names are the workflow types of contracts. */
export { pool } from './pool/workflow.js';
export { run } from './run/workflow.js';
