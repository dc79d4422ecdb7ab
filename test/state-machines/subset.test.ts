import { readdir, readFile } from 'node:fs/promises';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { parseMachine } from '../../local/state-machines/definition.ts';

const FOLDER = new URL('../../lib/state-machines/', import.meta.url);
const files = await readdir(FOLDER);
const machines = files.filter((file) => file.endsWith('.asl.json'));
const textOf = (file: string) => readFile(new URL(file, FOLDER), 'utf8');

/** As deployed: tokens replaced by ARNs. */
const substituted = (text: string) =>
  JSON.parse(text.replaceAll(/\$\{([A-Za-z]+)\}/g, 'arn:aws:lambda:eu-west-1:123456789012:function:$1'));

test('the folder of state machines holds machines and what explains them, so that no file escapes these tests', () => {
  expect(machines).toEqual(['draft-invoices.asl.json', 'finalize-invoices.asl.json']);
  expect(files.filter((file) => !machines.includes(file))).toEqual(['README.md']);
});

describe.each(machines)('%s', (file) => {
  test('keeps to the subset that every runtime executes alike', async () => {
    const text = await textOf(file);
    expect(parseMachine(text)).toEqual(JSON.parse(text));
  });

  test('is valid Amazon States Language once its tokens are replaced', async () => {
    const { isValid, errorsText } = validate(substituted(await textOf(file)));
    expect(isValid ? '' : errorsText('\n')).toBe('');
  });
});

const TASK = {
  Type: 'Task',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a token of CloudFormation
  Resource: '${RunStep}',
  Parameters: { step: 'Work', 'execution.$': '$$.Execution.Id', item: { 'tenant.$': '$.tenant' } },
  TimeoutSeconds: 60,
  Next: 'Done',
};
const DONE = { Type: 'Succeed' };
const RETRY = { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 };
const MAP = {
  Type: 'Map',
  ItemsPath: '$.pages',
  MaxConcurrency: 8,
  ItemSelector: { 'page.$': '$$.Map.Item.Value' },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'Work',
    States: { Work: { ...TASK, Next: undefined, End: true } },
  },
  Next: 'Done',
};
const CHOICE = {
  Type: 'Choice',
  Choices: [{ Variable: '$.v', NumericEquals: 1, Next: 'Done' }],
  Default: 'Done',
};

function parsed(states: object, rest: object = {}): unknown {
  const [StartAt] = Object.keys(states);
  return parseMachine(JSON.stringify({ Comment: 'c', StartAt, States: { ...states, Done: DONE }, ...rest }));
}

test('the samples from which the refused ones are made are within the subset', () => {
  const branch = { StartAt: 'Work', States: MAP.ItemProcessor.States };
  const parallel = { Type: 'Parallel', Branches: [branch], Next: 'Done' };
  const states = [
    { Work: TASK },
    { Each: MAP },
    { Ask: CHOICE },
    { Rest: { Type: 'Wait', Seconds: 60, Next: 'Done' } },
    { Both: parallel },
    { Work: { ...TASK, Retry: [RETRY] } },
  ];
  for (const sample of states) expect(() => parsed(sample)).not.toThrow();
});

const REFUSED: [what: string, states: object, rest?: object][] = [
  ['JSONata', { Work: TASK }, { QueryLanguage: 'JSONata' }],
  ['a timeout of the machine, which a restart would begin again', { Work: TASK }, { TimeoutSeconds: 60 }],
  ['a Task without a timeout', { Work: { ...TASK, TimeoutSeconds: undefined } }],
  [
    'a Task that is bound to one account',
    { Work: { ...TASK, Resource: 'arn:aws:lambda:eu-west-1:1:function:f' } },
  ],
  ['a Task that waits for a callback', { Work: { ...TASK, HeartbeatSeconds: 5 } }],
  ['a Task whose step is not its state', { Task: TASK }],
  ['a Task that does not name the execution', { Work: { ...TASK, Parameters: { step: 'Work', item: {} } } }],
  ['a Task without an item', { Work: { ...TASK, Parameters: { ...TASK.Parameters, item: undefined } } }],
  ['a Retry of one error', { Work: { ...TASK, Retry: [{ ...RETRY, ErrorEquals: ['Lambda.Unknown'] }] } }],
  ['a Retry with jitter', { Work: { ...TASK, Retry: [{ ...RETRY, JitterStrategy: 'FULL' }] } }],
  ['a Retry without end', { Work: { ...TASK, Retry: [{ ...RETRY, MaxAttempts: 99 }] } }],
  ['an intrinsic function', { Work: { ...TASK, ResultSelector: { 'id.$': 'States.UUID()' } } }],
  ['a filter in a path', { Work: { ...TASK, ResultSelector: { 'id.$': '$.a[?(@.b)]' } } }],
  [
    'the time of the context object',
    { Work: { ...TASK, ResultSelector: { 'at.$': '$$.Execution.StartTime' } } },
  ],
  ['a result under the root', { Work: { ...TASK, ResultPath: '$' } }],
  ['a way to a state that is not there', { Work: { ...TASK, Next: 'Nowhere' } }],
  [
    'a Catch that leads out of its Map',
    {
      Each: {
        ...MAP,
        ItemProcessor: {
          ...MAP.ItemProcessor,
          States: {
            Work: {
              ...MAP.ItemProcessor.States.Work,
              Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Done' }],
            },
          },
        },
      },
    },
  ],
  ['both Next and End', { Work: { ...TASK, End: true } }],
  [
    'a distributed Map',
    { Each: { ...MAP, ItemProcessor: { ...MAP.ItemProcessor, ProcessorConfig: { Mode: 'DISTRIBUTED' } } } },
  ],
  ['a Map that reads its items', { Each: { ...MAP, ItemReader: {} } }],
  ['a Map that batches its items', { Each: { ...MAP, ItemBatcher: {} } }],
  ['a Map that writes its results', { Each: { ...MAP, ResultWriter: {} } }],
  ['a Map over its whole input', { Each: { ...MAP, ItemsPath: undefined } }],
  ['a Map with more at a time than an inline one runs', { Each: { ...MAP, MaxConcurrency: 41 } }],
  ['two states of one name', { Work: TASK, Each: MAP }],
  ['a Wait of more than a minute', { Rest: { Type: 'Wait', Seconds: 61, Next: 'Done' } }],
  ['a Wait of a computed time', { Rest: { Type: 'Wait', SecondsPath: '$.s', Next: 'Done' } }],
  ['a Wait until an instant', { Rest: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Done' } }],
  ['a Choice without a default', { Ask: { ...CHOICE, Default: undefined } }],
  [
    'a Choice that compares twice',
    { Ask: { ...CHOICE, Choices: [{ ...CHOICE.Choices[0], NumericLessThan: 2 }] } },
  ],
  [
    'a Choice by wildcard',
    { Ask: { ...CHOICE, Choices: [{ Variable: '$.v', StringMatches: '*', Next: 'Done' }] } },
  ],
  ['a Pass with a fixed result', { Fill: { Type: 'Pass', Result: 0, Next: 'Done' } }],
];

test.each(REFUSED)('refused: %s', (_what, states, rest) => {
  expect(() => parsed(states, rest)).toThrow();
});
