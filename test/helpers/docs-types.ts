import { resolve } from 'node:path';
import ts from 'typescript';
import type { DocsBlock } from './docs-blocks.js';

/** What `tsc --init` writes, with Node's types, and with decorators for NestJS. */
const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ESNext,
  types: ['node'],
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  strict: true,
  jsx: ts.JsxEmit.ReactJSX,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  noUncheckedSideEffectImports: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  skipLibCheck: true,
  noEmit: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  paths: { sallyport: ['./lib/index.ts'], 'sallyport/*': ['./lib/*/index.ts'] },
};

/** Compiles blocks as a reader's project would, and returns what the compiler says, by page and line. */
export function docsDiagnostics(blocks: readonly DocsBlock[]): string[] {
  const byFile = new Map(blocks.map((block, index) => [resolve(`docs-block-${index}.ts`), block]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => byFile.has(resolve(name)) || fileExists(name);
  host.readFile = (name) => byFile.get(resolve(name))?.code ?? readFile(name);
  host.getSourceFile = (name, options, ...rest) => {
    const code = byFile.get(resolve(name))?.code;
    return code === undefined ? getSourceFile(name, options, ...rest) : ts.createSourceFile(name, code, options);
  };
  const program = ts.createProgram([...byFile.keys()], OPTIONS, host);
  return [...byFile].flatMap(([file, { page, line }]) => {
    const source = program.getSourceFile(file);
    const said = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return said.map(({ start = 0, messageText }) => {
      const at = line + (source?.getLineAndCharacterOfPosition(start).line ?? 0);
      return `${page}:${at} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}
