export * from './create-test-database.js';
export * from './factories.js';
