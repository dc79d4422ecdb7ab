import { uuidOfContent } from '../../kernel/ids.ts';
import type { JobRecord } from '../records/job.ts';

type Named = Pick<JobRecord, 'tenant' | 'id' | 'createdAtMs'>;

/** The chunk that a page becomes, however often it is sent. */
export function pageChunk({ id, createdAtMs }: Named, page: number): string {
  return uuidOfContent(createdAtMs, `${id}/${page}`);
}

export function pageKey({ tenant, id }: Named, page: number): string {
  return `jobs/${tenant}/${id}/${page}.ndjson.zst`;
}
