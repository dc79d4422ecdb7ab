import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { Decimal, decimal } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { UsageEvent } from '../events/event.ts';

/** A checked expression. `evaluate` throws when the event lacks what the expression reads. */
export interface Expression {
  readonly resultType: string;
  evaluate(event: UsageEvent): unknown;
}

const ARITHMETIC = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'div', '%': 'mod' } as const;
const COMPARISON = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte', '==': 'eq' } as const;
type Operand = Decimal | bigint | number;

const environment = createEnvironment();

/**
 * Compiles a CEL expression over `properties` and `event` {id, source, type, customer}. Every number of the
 * properties is an exact Decimal there: 0.1 + 0.2 of two properties is 0.3.
 */
export function compileExpression(text: string): Result<Expression, string> {
  if (text.length > LIMITS.expressionLength) return err(`longer than ${LIMITS.expressionLength} characters`);
  const checked = environment.check(text);
  if (!checked.valid) return err(firstLine(checked.error?.message ?? 'not a valid expression'));
  const parsed = environment.parse(text);
  const inexact = findInexact(parsed.ast);
  if (inexact !== undefined) return err(inexact);
  return ok({
    resultType: checked.type ?? 'dyn',
    evaluate: (event) =>
      parsed({
        properties: exactNumbers(event.properties),
        event: { id: event.id, source: event.source, type: event.type, customer: event.customer },
      }) as unknown,
  });
}

function createEnvironment(): Environment {
  const created = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 200, maxDepth: 20, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 },
  })
    .registerType('Decimal', Decimal)
    .registerVariable('properties', 'map')
    .registerVariable('event', 'map')
    .registerOperator('-Decimal: Decimal', (value: Decimal) => value.negated());
  for (const [left, right] of [
    ['Decimal', 'Decimal'],
    ['Decimal', 'int'],
    ['int', 'Decimal'],
    ['Decimal', 'double'],
    ['double', 'Decimal'],
  ] as const) {
    for (const [operator, method] of Object.entries(ARITHMETIC)) {
      created.registerOperator(`${left} ${operator} ${right}: Decimal`, (a: Operand, b: Operand) =>
        exact(a)[method as 'plus'](exact(b)),
      );
    }
    for (const [operator, method] of Object.entries(COMPARISON)) {
      // The library derives the mirrored equality itself and refuses a second one.
      if (operator === '==' && left !== 'Decimal') continue;
      created.registerOperator(`${left} ${operator} ${right}: bool`, (a: Operand, b: Operand) =>
        exact(a)[method as 'lt'](exact(b)),
      );
    }
  }
  return created;
}

function exact(value: Operand): Decimal {
  return value instanceof Decimal ? value : decimal(value);
}

function exactNumbers(value: unknown): unknown {
  if (typeof value === 'number') return decimal(value);
  if (Array.isArray(value)) return value.map(exactNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, exactNumbers(member)]));
}

/**
 * Finds what the library would compute on binary fractions or compare without our Decimal: both would be wrong
 * without any error, so they are refused when the meter is written.
 */
function findInexact(node: ASTNode): string | undefined {
  if (node.op in ARITHMETIC && childNodes(node).every(isLiteralArithmetic) && hasFraction(node)) {
    return 'arithmetic between two fractional literals is not exact: write the result instead';
  }
  if (node.op === 'in' && !childNodes(node).slice(1).every(isListOfStrings)) {
    return '`in` takes a list of string literals: compare numbers with `==` and `||`';
  }
  for (const child of childNodes(node)) {
    const found = findInexact(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isLiteralArithmetic(node: ASTNode): boolean {
  if (node.op === 'value') return typeof node.args === 'number' || typeof node.args === 'bigint';
  return (node.op in ARITHMETIC || node.op === '-_') && childNodes(node).every(isLiteralArithmetic);
}

function hasFraction(node: ASTNode): boolean {
  return node.op === 'value' ? typeof node.args === 'number' : childNodes(node).some(hasFraction);
}

function isListOfStrings(node: ASTNode): boolean {
  return (
    node.op === 'list' && node.args.every((item) => item.op === 'value' && typeof item.args === 'string')
  );
}

function childNodes(node: ASTNode): ASTNode[] {
  return (Array.isArray(node.args) ? node.args : [node.args]).flat(2).filter(isNode);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
