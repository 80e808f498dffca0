// Installs the packed tarball into an empty project, as a user would, and looks at it from there: by ESM, by
// require() and by TypeScript. Usage: node test/packed/run.mjs [tarball]; without one it packs the repository itself.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');
const windows = process.platform === 'win32';

function run(command, args, cwd) {
  process.stdout.write(`  $ ${command} ${args.join(' ')}\n`);
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: windows });
}

function packInto(directory) {
  run('npm', ['pack', '--silent', '--pack-destination', directory], repository);
  return join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.tgz')),
  );
}

/** The tools and the application's own packages are borrowed from the repository, so that only ours is installed. */
function borrow(project, names) {
  for (const name of names) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(repository, 'node_modules', name), link, 'junction');
  }
}

function assertContents(project) {
  const installed = join(project, 'node_modules/sallyport');
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const strangers = files.filter((name) =>
    /(^|[\\/])(lib|test|example-app|\.ci|src)([\\/]|$)|\.tsbuildinfo$/.test(name),
  );
  const missing = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'].filter((name) => !files.includes(name));
  if (strangers.length > 0) throw new Error(`the tarball carries ${strangers.join(', ')}`);
  if (missing.length > 0) throw new Error(`the tarball lacks ${missing.join(', ')}`);
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `sallyport${subpath.slice(1)}`);
}

const scratch = mkdtempSync(join(tmpdir(), 'sallyport-packed-'));
try {
  const tarball = process.argv[2] === undefined ? packInto(scratch) : resolve(process.argv[2]);
  const project = join(scratch, 'project');
  cpSync(join(import.meta.dirname, 'project'), project, { recursive: true });
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty-project', private: true, type: 'module' }),
  );

  run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball], project);
  const doors = assertContents(project);
  borrow(project, ['express', 'typescript', '@types/express', '@types/node']);

  run('node', ['imported.mjs', ...doors], project);
  run('node', ['required.cjs', ...doors], project);
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'augmented'], project);
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'plain'], project);
  run('node', ['augmented/dist/app.js'], project);
  process.stdout.write('the packed tarball works by ESM, by require() and in TypeScript\n');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
