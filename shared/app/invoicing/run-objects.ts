import { z } from 'zod';
import { assert, defined } from '../../kernel/assert.ts';
import { canonicalJson, type JsonValue } from '../../kernel/canonical-json.ts';
import { idOfContent } from '../../kernel/ids.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

/** What a page holds: due items by id, with the instant that each was due at when it was listed. */
const pageSchema = z.array(z.object({ id: z.string(), dueAtMs: z.int() }));
export type RunPage = Readonly<z.output<typeof pageSchema>>;

interface StepOfRun {
  readonly objects: ObjectStore;
  readonly execution: string;
  readonly step: string;
}

/** The answer that this step of the execution gave first, null while there is none. */
export async function readAnswer<T>(run: StepOfRun, schema: z.ZodType<T>): Promise<T | null> {
  const body = await run.objects.get(answerKey(run));
  return body === undefined ? null : schema.parse(JSON.parse(new TextDecoder().decode(body)));
}

/** Keeps the answer unless another attempt did; answers the one that holds for ever. */
export async function keepAnswer<T>(run: StepOfRun, schema: z.ZodType<T>, answer: T & JsonValue): Promise<T> {
  await putText(run.objects, answerKey(run), canonicalJson(answer));
  return defined(await readAnswer(run, schema), 'the answer that was kept');
}

/**
 * Cuts a list into pages, each full but the last, and keeps them; answers their keys. What is in one group stays together on
 * one page, however many that is. What a page holds names it: no attempt changes another's.
 */
export async function keepPages(run: StepOfRun, groups: readonly RunPage[]): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const page of pagesOf(groups)) {
    const text = canonicalJson([...page]);
    const key = `${folderOf(run)}/${idOfContent('page', text)}`;
    await putText(run.objects, key, text);
    keys.push(key);
  }
  assert(keys.length <= LIMITS.mapItems, 'a run has at most 1,000 pages');
  return keys;
}

function* pagesOf(groups: readonly RunPage[]): Generator<RunPage> {
  let page: RunPage[number][] = [];
  for (const group of groups) {
    page.push(...group);
    if (page.length < LIMITS.invoicePageItems) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

export async function readRunPage(objects: ObjectStore, key: string): Promise<RunPage> {
  const body = defined(await objects.get(key), `page ${key}`);
  return pageSchema.parse(JSON.parse(new TextDecoder().decode(body)));
}

async function putText(objects: ObjectStore, key: string, text: string): Promise<void> {
  await objects.put({ key, body: new TextEncoder().encode(text), ifAbsent: true });
}

function folderOf({ execution }: StepOfRun): string {
  return `runs/${idOfContent('run', execution)}`;
}

function answerKey(run: StepOfRun): string {
  return `${folderOf(run)}/${run.step}.json`;
}
