// Installs the packed tarball into an empty project, as a user would, and looks at it from there: by ESM, by
// require(), by TypeScript as the repository has it, and by the compilers and Node types that are newest
// today, and by test runners. Usage: node test/packed/run.mjs [tarball]; without one it packs the repository itself.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runFirstProgram } from './first-program.mjs';
import { borrow, install, newProject, repository, run } from './project.mjs';
import { testWithRunners } from './runners.mjs';

function packInto(directory) {
  run('npm', ['pack', '--silent', '--pack-destination', directory], repository);
  return join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.tgz')),
  );
}

/** An editor goes from a declaration to the code that it describes, which is therefore in the tarball too. */
function assertSources(installed, files) {
  for (const name of files.filter((file) => file.endsWith('.d.ts'))) {
    const declaration = join(installed, name);
    if (!readFileSync(declaration, 'utf8').includes('//# sourceMappingURL=') || !existsSync(`${declaration}.map`)) {
      throw new Error(`${name} has no map`);
    }
    const { sources, sourceRoot = '' } = JSON.parse(readFileSync(`${declaration}.map`, 'utf8'));
    const lost = sources.filter((source) => !existsSync(join(dirname(declaration), sourceRoot, source)));
    if (lost.length > 0) throw new Error(`${name} is of ${lost}, which is not there; of an old build? Remove dist`);
  }
}

function assertContents(installed) {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const unwanted = files.filter((name) => /(^|[\\/])(test|example-app|\.ci|bench)([\\/]|$)|\.tsbuildinfo$/.test(name));
  const missing = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'].filter((name) => !files.includes(name));
  if (unwanted.length > 0) throw new Error(`the tarball carries ${unwanted.join(', ')}`);
  if (missing.length > 0) throw new Error(`the tarball lacks ${missing.join(', ')}`);
  assertSources(installed, files);
}

/** What `import` takes: `sallyport`, `sallyport/testing` and so on. */
function entriesOf(installed) {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `sallyport${subpath.slice(1)}`);
}

function useInProject(tarball) {
  const project = newProject(scratch, 'project');
  install(project, tarball);
  const installed = join(project, 'node_modules/sallyport');
  assertContents(installed);
  borrow(project, ['express', 'typescript', '@types/express', '@types/node']);
  const entries = entriesOf(installed);
  run('node', ['imported.mjs', ...entries], project);
  run('node', ['required.cjs', ...entries], project);
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'augmented'], project);
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'plain'], project);
  run('node', ['augmented/dist/app.js'], project);
  return project;
}

const COMPILERS = ['5.9', '6.0', '7.0'];

/** The declarations of all entries, against the newest types of Node, in every compiler of the day. */
function compileWithNewest(tarball) {
  const project = newProject(scratch, 'newest');
  const compilers = COMPILERS.map((version) => `typescript-${version}@npm:typescript@~${version}`);
  install(project, tarball, '@types/node@latest', ...compilers);
  const entries = entriesOf(join(project, 'node_modules/sallyport'));
  writeFileSync(
    join(project, 'app.ts'),
    entries.map((entry, index) => `export * as e${index} from '${entry}';\n`).join(''),
  );
  for (const version of COMPILERS) compile(project, version, '.', '-p', '.');
  return project;
}

const compile = (project, version, folder, ...flags) =>
  run('node', [join(project, `node_modules/typescript-${version}/bin/tsc`), ...flags], join(project, folder));

/** Configurations that compile and that do not, in a project as the `tsc --init` of each compiler sets it up. */
function compileOptions(project) {
  for (const version of COMPILERS) {
    const folder = `options-${version}`;
    cpSync(join(import.meta.dirname, 'options'), join(project, folder), { recursive: true });
    compile(project, version, folder, '--init');
    compile(project, version, folder, '-p', '.', '--noEmit', '--types', 'node');
  }
}

/** Kinds of projects and of modules that TypeScript writes, each with the way of resolving that it implies. */
const MODULES = [
  ['commonjs', { module: 'commonjs' }],
  ['commonjs', { module: 'nodenext' }],
  ['module', { module: 'node16' }],
  ['module', { module: 'nodenext' }],
  ['module', { module: 'esnext', moduleResolution: 'bundler' }],
];

function compileModules(project) {
  const shared = { strict: true, skipLibCheck: true, noEmit: true, target: 'es2022', types: ['node'] };
  for (const [index, [type, settings]] of MODULES.entries()) {
    const folder = join(project, `modules-${index}`);
    cpSync(join(import.meta.dirname, 'options/module.ts'), join(folder, 'app.ts'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'modules', private: true, type }));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...shared, ...settings } }));
    for (const version of ['5.9', '7.0']) compile(project, version, `modules-${index}`, '-p', '.');
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'sallyport-packed-'));
try {
  const tarball = process.argv[2] === undefined ? packInto(scratch) : resolve(process.argv[2]);
  const project = useInProject(tarball);
  const newest = compileWithNewest(tarball);
  compileOptions(newest);
  compileModules(newest);
  await runFirstProgram(project, join(newest, 'node_modules/typescript-5.9/bin/tsc'));
  testWithRunners(scratch, tarball);
  process.stdout.write('the packed tarball works by ESM, by require() and in TypeScript\n');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
