import ts from 'typescript';
import { childrenOf, isTest, lineOf, linesSpanned, nodesOf, parse, type Rule } from './source.ts';

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;

export const fileIsShort: Rule = ({ path, text }) => {
  const lines = text.trimEnd().split('\n').length;
  return lines > MAX_FILE_LINES ? [`${path}: ${lines} lines, at most ${MAX_FILE_LINES}`] : [];
};

/** A suite of tests is a list, not a procedure: what stands in the callback of a `describe` is counted test by test. */
export const functionsAreShort: Rule = (source) => {
  const file = parse(source);
  const suites = isTest(source.path) ? findSuites(file) : [];
  const isSuite = (node: ts.Node) => suites.includes(node);
  const tooLong: string[] = [];
  for (const node of nodesOf(file)) {
    if (!ts.isFunctionLike(node) || isSuite(node)) continue;
    const lines = linesSpanned(file, node) - linesOfSuitesIn(file, node, isSuite);
    if (lines <= MAX_FUNCTION_LINES) continue;
    tooLong.push(
      `${source.path}:${lineOf(file, node)}: a function of ${lines} lines, at most ${MAX_FUNCTION_LINES}`,
    );
  }
  return tooLong;
};

function findSuites(file: ts.SourceFile): readonly ts.Node[] {
  const suites: ts.Node[] = [];
  for (const node of nodesOf(file)) {
    if (!ts.isCallExpression(node)) continue;
    const callee = node.expression.getText(file);
    if (/^describe\b/.test(callee)) suites.push(...node.arguments.filter(ts.isFunctionLike));
  }
  return suites;
}

function linesOfSuitesIn(file: ts.SourceFile, node: ts.Node, isSuite: (node: ts.Node) => boolean): number {
  let lines = 0;
  for (const child of childrenOf(node)) {
    lines += isSuite(child) ? linesSpanned(file, child) : linesOfSuitesIn(file, child, isSuite);
  }
  return lines;
}
