import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, readOptions } from './options.mjs';
import { prepare } from './prepare.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Everything that was asked for, one after the other. */
async function measure(options) {
  const { hasDatabase } = await import('./database.mjs');
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
      if (workload.needsDatabase && !hasDatabase) say('  not measured: SALLYPORT_TEST_POSTGRES_URL is not set');
      else results.workloads.push(await measureWorkload(workload, context));
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
  const { renderSection, withSection } = await import('./readme-section.mjs');
  const run = { results, options, machine: describeMachine() };
  const folder = pathOf(options.isWhole ? '../docs/' : './results/');
  for (const needed of [folder, pathOf('./results/')]) mkdirSync(needed, { recursive: true });
  // Every turn, for whoever wants to count again.
  writeFileSync(pathOf('./results/bench.json'), `${JSON.stringify({ ...run, options: undefined }, undefined, 2)}\n`);
  for (const [name, text] of Object.entries(renderReport(run))) writeFileSync(join(folder, name), text);
  if (options.isWhole) {
    const readme = pathOf('../README.md');
    writeFileSync(readme, withSection(readFileSync(readme, 'utf8'), renderSection(run)));
  }
  for (const { text, verdict } of judge(results)) say(`${verdict}: ${text}`);
  say(`written to ${options.isWhole ? 'docs/ and README.md' : 'bench/results/'}`);
}

const options = readOptions();
if (options.help) say(HELP);
else {
  prepare();
  await report(await measure(options), options);
}
