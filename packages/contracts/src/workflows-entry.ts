/** What may be loaded inside a workflow: names and messages, nothing of Node. */
export { reasonOf } from './states/reason-of.js';
export * from './workflows/agent-messages.js';
export * from './workflows/names.js';
export * from './workflows/pool-messages.js';
export * from './workflows/run-messages.js';
