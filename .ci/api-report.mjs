// Writes docs/api.md: the shape of every public export, so that a change of it shows in a diff.
// Usage: npm run api; with -- --check it writes nothing, and fails where the file says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import ts from 'typescript';

const REPORT = 'docs/api.md';
const ROOT = resolve(import.meta.dirname, '..');

/** `sallyport/redis` is built from `lib/redis/index.ts`. */
const entries = Object.keys(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')).exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => ({ name: `sallyport${subpath.slice(1)}`, file: resolve(ROOT, 'lib', subpath, 'index') }));

/** The declarations as they are built, without comments, by path. */
function emitDeclarations() {
  const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.build.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const texts = new Map();
  ts.createProgram(fileNames, {
    ...options,
    outDir: resolve(ROOT, 'lib'),
    declarationMap: false,
    // `npm run types` does; here it would be half of the time.
    noCheck: true,
    removeComments: true,
  }).emit(undefined, (path, text) => texts.set(resolve(path), text), undefined, true);
  return texts;
}

/** Reads the declarations again; names and where they come from are all that is asked, so no library is loaded. */
function readDeclarations(texts) {
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext, noLib: true, types: [] };
  const host = ts.createCompilerHost(options);
  const { readFile } = host;
  host.fileExists = (path) => texts.has(resolve(path));
  host.readFile = (path) => texts.get(resolve(path)) ?? readFile(path);
  const program = ts.createProgram([...texts.keys()], options, host);
  return { program, checker: program.getTypeChecker() };
}

const { program, checker } = readDeclarations(emitDeclarations());

const targetOf = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

const isTopLevel = (node) => ts.isSourceFile(node.parent);

/** The statements that declare a symbol; a `const` is declared by the whole statement. */
function statementsOf(symbol) {
  return (symbol.declarations ?? [])
    .map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node))
    .filter(isTopLevel);
}

/** One statement as a text that stays as it is when a file moves, or a private member comes or goes. */
function textOf(statement) {
  return statement
    .getText()
    .replace(/import\("\.[^"]*"\)\./g, '')
    .replace(/^(?:export )?(?:declare )?/, '')
    .replace(/^ *#private;\n/gm, '');
}

/** What the shape of a symbol is made of besides itself. */
function usedBy(symbol) {
  const used = new Set();
  const visit = (node) => {
    const found = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    if (found !== undefined && targetOf(found) !== symbol) used.add(targetOf(found));
    ts.forEachChild(node, visit);
  };
  statementsOf(symbol).forEach(visit);
  return [...used].filter((other) => statementsOf(other).length > 0);
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const shapeOf = (symbol) => statementsOf(symbol).map(textOf).join('\n');
const block = (shapes) => `\`\`\`ts\n${shapes.join('\n\n')}\n\`\`\`\n`;

/** Symbols that the report shows already, each with the entry that it is shown under. */
const shown = new Map();

function exportOf(symbol, entry) {
  const target = targetOf(symbol);
  const name = symbol.name === target.name ? symbol.name : `${target.name} as ${symbol.name}`;
  const from = shown.get(target);
  if (from !== undefined) return `export { ${name} } from '${from}';`;
  shown.set(target, entry);
  return symbol.name === target.name ? shapeOf(target) : `export { ${name} };\n${shapeOf(target)}`;
}

function sectionOf({ name, file }) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(`${file}.d.ts`));
  const exported = checker.getExportsOfModule(module).toSorted((a, b) => compare(a.name, b.name));
  return `## ${name}\n\n${block(exported.map((symbol) => exportOf(symbol, name)))}`;
}

/** What has no public name, and is a part of what has one. */
function insideSection() {
  const inside = new Set();
  const open = [...shown.keys()];
  for (let symbol = open.pop(); symbol !== undefined; symbol = open.pop()) {
    for (const used of usedBy(symbol)) {
      if (shown.has(used) || inside.has(used)) continue;
      inside.add(used);
      open.push(used);
    }
  }
  return `## Without a public name\n\n${block([...inside].map(shapeOf).sort(compare))}`;
}

function globalSection() {
  const globals = program
    .getSourceFiles()
    .flatMap(({ statements }) => statements.filter((node) => ts.isModuleDeclaration(node)))
    .map(textOf);
  return `## Global\n\n${block(globals.sort(compare))}`;
}

const HEAD =
  '# The public shapes\n\nWritten by `npm run api`. A change here is a change for those who use the package.\n';
const report = [HEAD, ...entries.map(sectionOf), insideSection(), globalSection()].join('\n');

function linesOnlyIn(text, other, mark) {
  const known = new Set(other.split('\n'));
  return text.split('\n').flatMap((line) => (known.has(line) ? [] : [`${mark} ${line}\n`]));
}

if (!process.argv.includes('--check')) {
  writeFileSync(resolve(ROOT, REPORT), report);
} else {
  const written = readFileSync(resolve(ROOT, REPORT), 'utf8');
  if (written !== report) {
    const changes = [...linesOnlyIn(written, report, '-'), ...linesOnlyIn(report, written, '+')];
    process.stderr.write(`${relative(process.cwd(), resolve(ROOT, REPORT))} differs from lib:\n${changes.join('')}`);
    process.stderr.write('Where the change is meant: npm run api, and commit it with its line in CHANGELOG.md.\n');
    process.exitCode = 1;
  }
}
