// Runs docs/testing.md as it stands, in every test runner that it speaks of.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { borrow, install, repository, run } from './project.mjs';

const PAGE = join(repository, 'docs/testing.md');

/** Writes the files of the page, each under the name in its first line. */
function writeFiles(project) {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```/gms);
  for (const [, name, code] of blocks) {
    const file = join(project, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
}

export function testWithRunners(scratch, tarball) {
  const project = join(scratch, 'runners');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'runners', private: true, type: 'module' }));
  install(project, tarball, 'vitest@^4');
  borrow(project, ['express', 'supertest', 'jest', 'jest-environment-node']);
  writeFiles(project);
  const commonjs = join(project, 'jest-commonjs');
  writeFileSync(join(commonjs, 'package.json'), JSON.stringify({ name: 'commonjs', private: true, type: 'commonjs' }));
  const jest = join(project, 'node_modules/jest/bin/jest.js');
  const quiet = { NODE_OPTIONS: '', CI: 'true' };
  run('node', ['--test', 'node-test/app.test.js'], project, quiet);
  run('node', [jest, '-i'], commonjs, quiet);
  run(
    'node',
    ['--experimental-vm-modules', jest, '-i', '--rootDir', project, '--config', 'jest-esm/jest.config.js', 'jest-esm'],
    project,
    quiet,
  );
  run('node', ['node_modules/vitest/vitest.mjs', 'run', '--dir', 'vitest'], project, quiet);
}
