import { describe } from 'vitest';
import { createMemoryAnalytics } from '../../shared/adapters/memory/analytics/memory-analytics.ts';
import { analyticsContract } from './analytics.contract.ts';

describe('analytics in memory', () => {
  const { analytics } = createMemoryAnalytics();
  analyticsContract({ analytics: () => analytics, runs: 60 });
});
