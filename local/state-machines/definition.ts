import { z } from 'zod';

/**
 * The subset of the Amazon States Language that Step Functions, its emulators and the embedded runner execute alike.
 * Whatever is not named here is refused, because one of them ignores it or reads it in another way.
 */

const stateName = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,79}$/);
const path = z.string().regex(/^\$(?:\.[A-Za-z][A-Za-z0-9]*)*$/, 'a path is names after dots');
/** Not `$` alone: the embedded library would write a member of that name. */
const resultPath = z.union([z.null(), z.string().regex(/^\$(?:\.[A-Za-z][A-Za-z0-9]*)+$/)]);
const token = z.string().regex(/^\$\{[A-Z][A-Za-z0-9]*\}$/, 'a resource is a substitution token');

const literal = z.union([z.string(), z.int(), z.boolean()]);
type Template = { readonly [member: string]: string | number | boolean | Template };
/** Members that end in `.$` hold a path, of the state's input or of the context object; no intrinsic functions. */
function templateOf(pathSchema: z.ZodType<string>): z.ZodType<Template> {
  const template: z.ZodType<Template> = z.lazy(() =>
    z.record(z.string(), z.union([literal, template])).superRefine((members, context) => {
      for (const [member, value] of Object.entries(members)) {
        if (member.endsWith('.$') && !pathSchema.safeParse(value).success)
          context.addIssue({ code: 'custom', path: [member], message: 'not a path of the subset' });
      }
    }),
  );
  return template;
}
const template = templateOf(path);
const itemSelector = templateOf(z.union([path, z.enum(['$$.Map.Item.Value', '$$.Map.Item.Index'])]));

/** With any other matcher, an error that one runtime names otherwise would not be tried again there. */
const errors = z.tuple([z.enum(['States.ALL', 'States.TaskFailed'])]);
const retry = z.array(
  z.strictObject({
    ErrorEquals: errors,
    IntervalSeconds: z.int().min(1).max(60),
    BackoffRate: z.number().min(1).max(4),
    MaxAttempts: z.int().min(1).max(5),
  }),
);
const catches = z.array(z.strictObject({ ErrorEquals: errors, ResultPath: resultPath, Next: stateName }));

const after = { Next: stateName.optional(), End: z.literal(true).optional() };
const selected = { ResultSelector: template.optional(), ResultPath: resultPath.optional() };
const guarded = { Retry: retry.optional(), Catch: catches.optional() };

const task = z.strictObject({
  Type: z.literal('Task'),
  Resource: token,
  /** What a Task gets; it answers alike for the same execution, step and item. `polls` counts, it does not name. */
  Parameters: z.union([
    z.strictObject({
      step: stateName,
      'execution.$': z.literal('$$.Execution.Id'),
      item: template,
      'polls.$': path.optional(),
    }),
    z.strictObject({ step: stateName, 'execution.$': z.literal('$$.Execution.Id'), 'item.$': path }),
  ]),
  /** Never left out: what holds without it differs from runtime to runtime. */
  TimeoutSeconds: z.int().min(1).max(900),
  ...selected,
  ...guarded,
  ...after,
});

const comparison = {
  Variable: path,
  StringEquals: z.string().optional(),
  BooleanEquals: z.boolean().optional(),
  NumericEquals: z.int().optional(),
  NumericLessThan: z.int().optional(),
  NumericGreaterThanEquals: z.int().optional(),
  Next: stateName,
};
const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(z.strictObject(comparison)).min(1),
  Default: stateName,
});

const wait = z.strictObject({
  Type: z.literal('Wait'),
  Seconds: z.int().min(1).max(60),
  Next: stateName,
});
const pass = z.strictObject({
  Type: z.literal('Pass'),
  Parameters: template.optional(),
  ResultPath: resultPath.optional(),
  ...after,
});
const succeed = z.strictObject({ Type: z.literal('Succeed') });
const fail = z.strictObject({ Type: z.literal('Fail'), Error: z.string(), Cause: z.string() });

type Simple = z.output<
  typeof task | typeof choice | typeof wait | typeof pass | typeof succeed | typeof fail
>;
interface Nested {
  readonly Next?: string | undefined;
  readonly End?: true | undefined;
}
interface Guarded extends Nested {
  readonly Catch?: readonly { readonly Next: string }[] | undefined;
}
export interface MapState extends Guarded {
  readonly Type: 'Map';
  readonly ItemsPath: string;
  readonly ItemProcessor: Block;
}
interface ParallelState extends Guarded {
  readonly Type: 'Parallel';
  readonly Branches: readonly Block[];
}
export type State = Simple | MapState | ParallelState;
/** A machine, the body of a Map or a branch. */
export interface Block {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const states = z.lazy(() => z.record(stateName, state));
const map = z.strictObject({
  Type: z.literal('Map'),
  ItemsPath: path,
  /** Step Functions runs at most 40 iterations of an inline Map at a time. */
  MaxConcurrency: z.int().min(1).max(40),
  ItemSelector: itemSelector,
  ItemProcessor: z.strictObject({
    ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }),
    StartAt: stateName,
    States: states,
  }),
  ...selected,
  ...guarded,
  ...after,
});
const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  Branches: z.array(z.strictObject({ StartAt: stateName, States: states })).min(1),
  ...selected,
  ...guarded,
  ...after,
});
const state: z.ZodType<State> = z.discriminatedUnion('Type', [
  task,
  choice,
  wait,
  pass,
  succeed,
  fail,
  map,
  parallel,
]);

const machine = z
  .strictObject({ Comment: z.string(), StartAt: stateName, States: states })
  .superRefine((definition, context) => {
    const names = new Set<string>();
    for (const block of blocksOf(definition)) {
      const report = (name: string, message: string) =>
        context.addIssue({ code: 'custom', path: [name], message });
      if (!Object.hasOwn(block.States, block.StartAt)) report(block.StartAt, 'there is no such first state');
      for (const [name, value] of Object.entries(block.States)) {
        if (names.has(name)) report(name, 'another state has this name');
        names.add(name);
        for (const fault of faultsOf(name, value)) report(name, fault);
        for (const target of targetsOf(value))
          if (!Object.hasOwn(block.States, target)) report(name, `there is no state ${target} to go to`);
      }
    }
  });

export type MachineDefinition = Readonly<z.output<typeof machine>>;

/** The definition in a file of the subset; throws a ZodError that names what is outside of it. */
export function parseMachine(text: string): MachineDefinition {
  return machine.parse(JSON.parse(text));
}

/** Every state of a machine with its name, those inside of Maps and branches included. */
export function* statesOf(block: Block): Generator<readonly [name: string, state: State]> {
  for (const inner of blocksOf(block)) yield* Object.entries(inner.States);
}

function* blocksOf(block: Block): Generator<Block> {
  yield block;
  for (const value of Object.values(block.States)) {
    if (value.Type === 'Map') yield* blocksOf(value.ItemProcessor);
    if (value.Type === 'Parallel') for (const branch of value.Branches) yield* blocksOf(branch);
  }
}

function faultsOf(name: string, value: State): readonly string[] {
  switch (value.Type) {
    case 'Task':
      return [
        ...endFaults(value),
        ...(value.Parameters.step === name ? [] : ['step is the name of the state']),
      ];
    case 'Pass':
    case 'Map':
    case 'Parallel':
      return endFaults(value);
    case 'Choice':
      // Variable, one comparison, Next.
      return value.Choices.every((rule) => Object.keys(rule).length === 3)
        ? []
        : ['a rule makes one comparison'];
    default:
      return [];
  }
}

function endFaults(value: Nested): readonly string[] {
  return (value.Next === undefined) === (value.End === undefined) ? ['either Next or End'] : [];
}

function targetsOf(value: State): readonly string[] {
  const targets = 'Next' in value && value.Next !== undefined ? [value.Next] : [];
  if (value.Type === 'Choice') targets.push(value.Default, ...value.Choices.map((rule) => rule.Next));
  if ('Catch' in value) targets.push(...(value.Catch ?? []).map((rule) => rule.Next));
  return targets;
}
