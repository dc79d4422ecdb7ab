import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { ALARMS } from '../../shared/contracts/alarms.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { toEvent } from '../api/api-under-test.ts';
import { createWorld } from '../event-path/world.ts';

const RUNBOOK = readFileSync(new URL('../../lib/RUNBOOK.md', import.meta.url), 'utf8');
/** What a section says, by the address that its heading has on a page. */
const sections = new Map(
  RUNBOOK.split(/^## /m)
    .slice(1)
    .map((text) => {
      const [heading = '', ...lines] = text.split('\n');
      return [
        heading
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
        lines.join('\n'),
      ];
    }),
);
const QUESTIONS = ['**Means.**', '**See.**', '**Do.**', '**Mended**'];

test.each(ALARMS)('the runbook says what to do when $name goes off', ({ metric, runbook }) => {
  const section = defined(sections.get(runbook), `a section ${runbook}`);
  expect(section).toContain(`\`${metric}\``);
  expect(QUESTIONS.filter((question) => !section.includes(question))).toEqual([]);
});

test('each section of the runbook is about something that goes off, and each alarm has a name of its own', () => {
  expect([...sections.keys()].toSorted()).toEqual(
    [...new Set(ALARMS.map(({ runbook }) => runbook))].toSorted(),
  );
  expect(new Set(ALARMS.map(({ name }) => name)).size).toBe(ALARMS.length);
});

test('whatever an alarm looks at is measured by the running system', async () => {
  const process = (await createWorld()).startProcess();
  const { body } = await process.api(toEvent({ method: 'GET', path: '/metrics' }), {} as Context);
  const types = new Map(
    [...(body ?? '').matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type]),
  );
  const wrong = ALARMS.filter(({ metric, statistic }) => {
    const isCounter = metric.endsWith('_total');
    const type = types.get(metric.replace(/_total$/, '')) ?? types.get(metric);
    return type !== (isCounter ? 'counter' : 'gauge') || isCounter !== (statistic === 'increase');
  });
  expect(wrong).toEqual([]);
});
