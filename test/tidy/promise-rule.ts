import ts from 'typescript';
import { lineOf, nodesOf } from './source.ts';

/**
 * Statements that start something and neither wait for it nor handle its failure: on Lambda it would be lost with the
 * response, elsewhere its error would end the process. Biome finds those of our own functions; this asks the
 * compiler, so it knows every library. `void start()` says that it is meant.
 */
export function promisesLeftAlone(program: ts.Program, root: string): readonly string[] {
  const checker = program.getTypeChecker();
  const found: string[] = [];
  for (const file of program.getSourceFiles()) {
    if (program.isSourceFileFromExternalLibrary(file) || file.isDeclarationFile) continue;
    for (const node of nodesOf(file)) {
      if (!ts.isExpressionStatement(node) || !isPromise(checker, node.expression)) continue;
      if (isHandled(node.expression)) continue;
      const path = file.fileName.startsWith(`${root}/`)
        ? file.fileName.slice(root.length + 1)
        : file.fileName;
      found.push(`${path}:${lineOf(file, node)}: a promise that nobody waits for`);
    }
  }
  return found.sort();
}

function isPromise(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  const then = checker.getTypeAtLocation(expression).getProperty('then');
  if (then === undefined) return false;
  return checker.getTypeOfSymbolAtLocation(then, expression).getCallSignatures().length > 0;
}

/** What is kept under a name is waited for by whoever reads it. */
function isHandled(expression: ts.Expression): boolean {
  if (ts.isBinaryExpression(expression)) return expression.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return false;
  const method = expression.expression.name.text;
  return (
    (method === 'catch' && expression.arguments.length === 1) ||
    (method === 'then' && expression.arguments.length === 2)
  );
}
