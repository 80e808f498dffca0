import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** One file of the house, parsed. `path` is relative to the repository: `lib/keys/algorithms.ts`. */
export interface Source {
  readonly path: string;
  readonly ast: ts.SourceFile;
}

export function parseSource(path: string, text: string): Source {
  return { path, ast: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Parses every file of a kind under a folder of the repository. Jest runs at its root. */
export function readTree(folder: string, ending = '.ts'): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort()
    .map((path) => parseSource(path, readFileSync(path, 'utf8')));
}

/** Every node, outer ones first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** As an editor counts: the first line is 1. */
export function lineOf({ ast }: Source, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}

/** What a broken law looks like in a failing test: `lib/guards/guard.ts:3 guards may not import methods`. */
export function violation(source: Source, line: number, law: string): string {
  return `${source.path}:${line} ${law}`;
}

/** As `wc -l` counts. */
export function linesOf({ ast }: Source): number {
  return ast.text.replace(/\n$/, '').split('\n').length;
}
