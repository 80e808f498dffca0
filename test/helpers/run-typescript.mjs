// For processes that a test starts: `node --import ./run-typescript.mjs file.ts` runs lib/ as it stands, unbuilt.
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// This file is loaded a second time as the hooks, in a thread of their own.
if (isMainThread) register(import.meta.url);

/** The package by its name, as the example knows it: `sallyport/testing` is `lib/testing/index.ts`. */
function sourceOf(specifier) {
  const subpath = /^sallyport(\/[a-z]+)?$/.exec(specifier);
  return subpath && new URL(`../../lib${subpath[1] ?? ''}/index.ts`, import.meta.url).href;
}

export async function resolve(specifier, context, next) {
  const source = sourceOf(specifier);
  if (source) return next(source, context);
  const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
  return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { transformFile } = await import('@swc/core');
  const { code } = await transformFile(fileURLToPath(url), {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
