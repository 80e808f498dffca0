/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Every core: Jest itself has nothing to do while its workers run.
  maxWorkers: '100%',
  // Real servers, databases and browsers on a busy machine may take their time. It is there for tests that hang: none
  // waits for the clock, and none has a limit of its own that a slow machine could miss.
  testTimeout: 120_000,
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};
