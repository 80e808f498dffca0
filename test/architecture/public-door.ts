import { resolve } from 'node:path';
import ts from 'typescript';

/** What a door promises, by name, sorted. */
export interface PublicDoor {
  /** What exists at run time; a class stands here only. */
  readonly values: readonly string[];
  readonly types: readonly string[];
  /** Of both, those without a doc comment where they are declared. */
  readonly undocumented: readonly string[];
}

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ESNext,
  // Names and comments are all that is asked for, so the libraries can stay on the shelf.
  noLib: true,
  types: [],
};

/** `files` are texts by path, for a door that is not on the disk. */
function createHost(files: Readonly<Record<string, string>>): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS, true);
  const planted = new Map(Object.entries(files).map(([path, text]) => [resolve(path), text]));
  const { fileExists, readFile } = host;
  host.fileExists = (path) => planted.has(path) || fileExists(path);
  host.readFile = (path) => planted.get(path) ?? readFile(path);
  return host;
}

/** `export type { AClass }` leaves nothing at run time, wherever on the way the `type` stands. */
function isTypeOnly(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  if (!(symbol.flags & ts.SymbolFlags.Alias)) return (symbol.flags & ts.SymbolFlags.Value) === 0;
  const next = checker.getImmediateAliasedSymbol(symbol);
  return (
    (symbol.declarations ?? []).some(ts.isTypeOnlyImportOrExportDeclaration) ||
    next === undefined ||
    isTypeOnly(checker, next)
  );
}

/** Reads a door with the eyes of the compiler, through every re-export. */
export function readDoor(path: string, files: Readonly<Record<string, string>> = {}): PublicDoor {
  const program = ts.createProgram([resolve(path)], OPTIONS, createHost(files));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(resolve(path));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${path} is no module`);

  const exported = checker.getExportsOfModule(module).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const documented = target.getDocumentationComment(checker).length > 0;
    return { name: symbol.name, value: !isTypeOnly(checker, symbol), documented };
  });
  const namesOf = (chosen: typeof exported) => chosen.map(({ name }) => name).sort();
  return {
    values: namesOf(exported.filter(({ value }) => value)),
    types: namesOf(exported.filter(({ value }) => !value)),
    undocumented: namesOf(exported.filter(({ documented }) => !documented)),
  };
}
