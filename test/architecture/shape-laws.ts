import ts from 'typescript';
import { lineOf, linesOf, type Source, violation, walk } from './source.js';

export const LIMITS = { fileLines: 200, medianLines: 90, functionLines: 40 };

/** No file above the limit, and the one in the middle well below it. */
export function lengthViolations(sources: readonly Source[]): string[] {
  const { fileLines, medianLines } = LIMITS;
  const tooLong = sources
    .filter((source) => linesOf(source) > fileLines)
    .map((source) => violation(source, fileLines + 1, `has ${linesOf(source)} lines, at most ${fileLines}`));
  const lengths = sources.map(linesOf).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  return median > medianLines ? [...tooLong, `the median file has ${median} lines, at most ${medianLines}`] : tooLong;
}

function functionProblem(source: Source, node: ts.Node): string | undefined {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return undefined;
  const lines = source.ast.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - lineOf(source, node);
  return lines > LIMITS.functionLines ? `a function of ${lines} lines, at most ${LIMITS.functionLines}` : undefined;
}

function escapeHatch(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
  if (ts.isNonNullExpression(node)) return 'a non-null assertion (!)';
  const definite = (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) && node.exclamationToken;
  return definite ? 'a definite assignment assertion (!)' : undefined;
}

function nodeViolations(source: Source, problemOf: (node: ts.Node) => string | undefined): string[] {
  const found: string[] = [];
  walk(source.ast, (node) => {
    const problem = problemOf(node);
    if (problem !== undefined) found.push(violation(source, lineOf(source, node), problem));
  });
  return found;
}

/** Functions, methods, constructors and arrows that are longer than a screen. */
export function functionViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => nodeViolations(source, (node) => functionProblem(source, node)));
}

/** Where the compiler is told to look away. */
export function escapeHatchViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [
    ...nodeViolations(source, escapeHatch),
    ...[...source.ast.text.matchAll(/@ts-(?:ignore|nocheck|expect-error)/g)].map(({ 0: directive, index }) =>
      violation(source, source.ast.getLineAndCharacterOfPosition(index).line + 1, directive),
    ),
  ]);
}
