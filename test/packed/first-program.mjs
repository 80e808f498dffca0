// Compiles the first program of the README as every kind of module, runs it, and follows its own curl line.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, run } from './project.mjs';

const ANY_PORT = join(repository, 'test/helpers/workers/any-port.mjs');
const PROGRAM = /```ts\n(.*?)```/s.exec(readFileSync(join(repository, 'README.md'), 'utf8'))[1];

/** Kinds of projects and of modules that TypeScript writes, each with the way of resolving that it implies. */
const MODULES = [
  ['commonjs', { module: 'commonjs', esModuleInterop: true }],
  ['commonjs', { module: 'nodenext' }],
  ['module', { module: 'node16' }],
  ['module', { module: 'nodenext' }],
  ['module', { module: 'esnext', moduleResolution: 'bundler' }],
];

function write(project, folder, type, settings) {
  const shared = { strict: true, skipLibCheck: true, target: 'es2022', types: ['node'], outDir: 'dist', rootDir: '.' };
  mkdirSync(join(project, folder));
  writeFileSync(join(project, folder, 'package.json'), JSON.stringify({ name: 'first', private: true, type }));
  const tsconfig = { compilerOptions: { ...shared, ...settings }, files: ['app.ts'] };
  writeFileSync(join(project, folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  writeFileSync(join(project, folder, 'app.ts'), PROGRAM);
}

async function followCurlLine(file) {
  const child = fork(file, { execArgv: ['--import', ANY_PORT], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  try {
    const [[{ port }], [line]] = await Promise.all([once(child, 'message'), once(child.stdout, 'data')]);
    const [, token, path] = /Bearer (\S+)" http:\/\/localhost:3000(\S+)/.exec(line.toString());
    const headers = { Authorization: `Bearer ${token}` };
    const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    if (status !== 200) throw new Error(`the first program answered ${status}`);
  } finally {
    child.kill('SIGKILL');
  }
}

/** CommonJS by `module: node16` cannot name an ES module, whatever Node can do: docs/typescript.md says what to write. */
function refusedByNode16(project, compiler) {
  write(project, 'node16-commonjs', 'commonjs', { module: 'node16' });
  const { stdout } = spawnSync('node', [compiler, '-p', 'node16-commonjs'], { cwd: project, encoding: 'utf8' });
  if (!stdout.includes('TS1479')) throw new Error(`module: node16 no longer says TS1479, but: ${stdout}`);
  const recipe = /```ts\n(.*?)```/s.exec(readFileSync(join(repository, 'docs/typescript.md'), 'utf8'))[1];
  writeFileSync(join(project, 'node16-commonjs/app.ts'), recipe);
  run('node', [compiler, '-p', 'node16-commonjs'], project);
}

export async function runFirstProgram(project, compiler) {
  for (const [index, [type, settings]] of MODULES.entries()) {
    const folder = `first-${index}`;
    write(project, folder, type, settings);
    run('node', [compiler, '-p', folder], project);
    await followCurlLine(join(project, folder, 'dist/app.js'));
  }
  refusedByNode16(project, compiler);
  await followCurlLine(join(project, 'node16-commonjs/dist/app.js'));
}
