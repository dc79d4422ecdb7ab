import ts from 'typescript';
import { isTest, lineOf, nodesOf, parse, type Rule } from './source.ts';

const CONFIGURATION = /^[^/]+\.config\.ts$|^\.dependency-cruiser\.mjs$/;
const MAY_ASK_THE_SYSTEM = /^shared\/adapters\/system\/|^scripts\//;

/** Time and chance come from the Clock and IdSource adapters only, else no run could be repeated. */
export const timeAndChanceAreInjected: Rule = (source) => {
  if (MAY_ASK_THE_SYSTEM.test(source.path) || isTest(source.path)) return [];
  const file = parse(source);
  const found: string[] = [];
  for (const node of nodesOf(file)) {
    const what = ambientSource(file, node);
    if (what !== null)
      found.push(`${source.path}:${lineOf(file, node)}: ${what}, take a Clock or an IdSource`);
  }
  return found;
};

function ambientSource(file: ts.SourceFile, node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) {
    const access = node.getText(file);
    return ['Date.now', 'Math.random', 'Temporal.Now'].includes(access) ? access : null;
  }
  if (ts.isIdentifier(node) && node.text === 'randomUUID') return 'randomUUID';
  const isDate =
    (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText(file) === 'Date';
  return isDate && (node.arguments ?? []).length === 0 ? 'the present Date' : null;
}

/** A name that the exporting file gives is the same everywhere and can be searched for. */
export const exportsHaveNames: Rule = (source) => {
  if (CONFIGURATION.test(source.path)) return [];
  const file = parse(source);
  const found: string[] = [];
  for (const node of nodesOf(file)) {
    const isDefault =
      ts.isExportAssignment(node) ||
      (ts.canHaveModifiers(node) &&
        ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true) ||
      (ts.isExportSpecifier(node) && node.name.text === 'default');
    if (isDefault) found.push(`${source.path}:${lineOf(file, node)}: a default export`);
  }
  return found;
};
