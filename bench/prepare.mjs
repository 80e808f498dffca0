import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));

function npm(cwd, ...args) {
  const { status } = spawnSync('npm', args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`);
}

/** What a fresh clone lacks: packages, the peers, and `dist/`, which is made anew in any case. */
export function prepare() {
  if (!existsSync(`${ROOT}node_modules/typescript`)) npm(ROOT, 'ci', '--ignore-scripts');
  if (!existsSync(`${HERE}node_modules/express`)) npm(HERE, 'ci', '--ignore-scripts');
  npm(ROOT, 'run', 'build');
}
