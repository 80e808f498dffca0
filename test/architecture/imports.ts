import { posix } from 'node:path';
import ts from 'typescript';
import { lineOf, type Source, walk } from './source.js';

/** One arrow out of a file. */
export interface Import {
  /** A path in the repository (`lib/keys/algorithms.ts`), or the specifier of a package (`jose`, `node:http`). */
  readonly target: string;
  /** Whether it is gone at run time. */
  readonly typeOnly: boolean;
  /** Whether it is loaded by a call, `import('x')` or `require('x')`, and not with the file. */
  readonly called: boolean;
  readonly line: number;
}

interface Found {
  readonly specifier: ts.Node | undefined;
  readonly typeOnly: boolean;
}

/** Under `verbatimModuleSyntax` only a whole `import type` goes; `import { type A }` still loads the file. */
function staticImport(node: ts.Node): Found | undefined {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier, typeOnly };
  }
  if (ts.isExportDeclaration(node)) return { specifier: node.moduleSpecifier, typeOnly: node.isTypeOnly };
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { specifier: node.moduleReference.expression, typeOnly: node.isTypeOnly };
  }
  return undefined;
}

/** `import('x')` and `require('x')` at run time, `import('x').T` in a type. */
function inlineImport(node: ts.Node): Found | undefined {
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: node.argument.literal, typeOnly: true };
  }
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require');
  return loads ? { specifier: node.arguments[0], typeOnly: false } : undefined;
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** Every import of a file, re-exports and dynamic ones included. */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  walk(source.ast, (node) => {
    const found = staticImport(node) ?? inlineImport(node);
    if (found?.specifier === undefined || !ts.isStringLiteralLike(found.specifier)) return;
    const target = resolve(source.path, found.specifier.text);
    imports.push({ target, typeOnly: found.typeOnly, called: ts.isCallExpression(node), line: lineOf(source, node) });
  });
  return imports;
}
