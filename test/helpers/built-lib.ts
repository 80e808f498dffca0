import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

const CACHE = 'node_modules/.cache';

/** Builds `lib/` as JavaScript, for processes of their own, inside the project so that packages are found. */
export function builtLib(): { url: string; remove: () => void } {
  mkdirSync(CACHE, { recursive: true });
  const target = mkdtempSync(join(CACHE, 'sallyport-'));
  for (const file of readdirSync('lib', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const { code } = transformSync(readFileSync(join('lib', file), 'utf8'), {
      filename: file,
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    const written = join(target, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(written), { recursive: true });
    writeFileSync(written, code);
  }
  writeFileSync(join(target, 'package.json'), '{"type":"module"}');
  return { url: pathToFileURL(`${target}/`).href, remove: () => rmSync(target, { recursive: true, force: true }) };
}
