import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, readOptions } from './options.mjs';
import { prepare } from './prepare.mjs';

const say = (line) => process.stdout.write(`${line}\n`);

/** Everything that was asked for, one after the other. */
async function measure(options) {
  const { startIssuer } = await import('./issuer.mjs');
  const { measureWorkload } = await import('./measure.mjs');
  const { start } = await import('./processes.mjs');
  const { measureMemory, measureRejection } = await import('./specials.mjs');
  const { WORKLOADS } = await import('./workloads.mjs');

  const issuer = await startIssuer();
  const load = await start('load.mjs');
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const context = { issuer, load, directory, options, say };
  const results = { workloads: [] };
  try {
    for (const workload of WORKLOADS.filter(({ id }) => options.wanted(id))) {
      say(workload.title);
      results.workloads.push(await measureWorkload(workload, context));
    }
    if (options.wanted('memory')) {
      say('Memory under a million distinct tokens');
      results.memory = await measureMemory(context);
    }
    if (options.wanted('rejection')) {
      say('Refusing the largest bad tokens');
      results.rejection = await measureRejection(context);
    }
  } finally {
    await load.stop();
    issuer.close();
    rmSync(directory, { recursive: true, force: true });
  }
  return results;
}

/** A whole run is what the documents show; anything less is for the eyes of whoever started it. */
async function report(results, options) {
  const { describeMachine } = await import('./machine.mjs');
  const { renderReport } = await import('./report.mjs');
  const { judge } = await import('./figures.mjs');
  const folder = fileURLToPath(new URL(options.isWhole ? '../docs/' : './results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const files = renderReport({ results, options, machine: describeMachine() });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (const { text, verdict } of judge(results)) say(`${verdict}: ${text}`);
  say(`written to ${folder}`);
}

const options = readOptions();
if (options.help) say(HELP);
else {
  prepare();
  await report(await measure(options), options);
}
