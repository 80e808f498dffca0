import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from '@jest/globals';

const RUNNER = fileURLToPath(new URL('./run-typescript.mjs', import.meta.url));

/** Resolves to what the example prints, until it says how to stop it. */
export async function printedBy(example: ChildProcess): Promise<string> {
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    example.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Ctrl+C')) resolve();
    });
    example.stderr?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    // 'close' and not 'exit', after which output may still arrive.
    example.on('close', (code) => reject(new Error(`the example ended with ${code}: ${printed}`)));
  });
  return printed;
}

/** Addresses that the example prints. */
export interface Picture {
  /** Address of the WAF in front of the old application. */
  readonly waf: string;
  readonly newApplication: string;
}

export function pictureIn(printed: string): Picture {
  const found = (pattern: RegExp) => pattern.exec(printed)?.[1] ?? '';
  return { waf: found(/(http\S+)\/ is the old/), newApplication: found(/straight at (http\S+)\/ without/) };
}

/** Starts the example from its folder, over the current `lib/`. */
export function startExample(port: string): ChildProcess {
  const env = { ...process.env, PORT: port, NODE_OPTIONS: '' };
  return spawn(process.execPath, ['--import', RUNNER, 'example-app/server.ts'], { env });
}

/** The example, for as long as the test file runs. */
export function runningExample(): () => Picture {
  let example: ChildProcess | undefined;
  let picture: Picture | undefined;
  beforeAll(async () => {
    example = startExample('0');
    picture = pictureIn(await printedBy(example));
  });
  afterAll(async () => {
    if (example === undefined || example.exitCode !== null) return;
    example.kill();
    await once(example, 'exit');
  });
  return () => {
    if (picture === undefined) throw new Error('the example does not run');
    return picture;
  };
}
