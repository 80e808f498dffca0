// Empty projects for the packed tarball, and commands in them.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '../..');
const windows = process.platform === 'win32';

export function run(command, args, cwd, env = {}) {
  process.stdout.write(`  $ ${command} ${args.join(' ')}\n`);
  const options = { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: windows, env: { ...process.env, ...env } };
  execFileSync(command, args, options);
}

/** The tools and the application's own packages are borrowed from the repository, so that only ours is installed. */
export function borrow(project, names) {
  for (const name of names) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(repository, 'node_modules', name), link, 'junction');
  }
}

export const install = (project, ...packages) =>
  run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...packages], project);

/** Makes a project of the files in the folder of its name, beside this file. */
export function newProject(scratch, name) {
  const project = join(scratch, name);
  cpSync(join(import.meta.dirname, name), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return project;
}
