import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{bin,functions,local,scripts,shared,test}/**/*.test.ts'],
    // Embedded ClickHouse opens one data folder per process, so each worker is a process of its own.
    pool: 'forks',
    maxWorkers: 2,
    // Generous, because no test may depend on how fast the machine is: they only end what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
