import type { AnalyticsReader, AnalyticsWriter } from '../../ports/analytics.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { CatalogueReader } from '../catalogue/read-catalogue.ts';
import type { GenerationsReader } from '../generations/read-generations.ts';
import type { StepRunner } from './steps.ts';

export interface ConsumeDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly claims: Claims;
  readonly analytics: AnalyticsWriter & Pick<AnalyticsReader, 'standingEvents'>;
  readonly readCatalogue: CatalogueReader;
  readonly readGenerations: GenerationsReader;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly runStep: StepRunner;
  /** Told of every chunk that could not be finished: it stays open and the sweeper tries again. */
  readonly onUnfinished: (chunk: string, reason: unknown) => void;
}
