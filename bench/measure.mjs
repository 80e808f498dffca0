import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropSchema } from './database.mjs';
import { start } from './processes.mjs';
import { median } from './statistics.mjs';
import { ring } from './tokens.mjs';

/** Tells a measurement that went wrong from one that is slow. */
function assertAnswers(statuses, refused, label) {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const { 200: good = 0, 401: bad = 0 } = statuses;
  const expected = label === 'none' ? 0 : refused;
  if (good + bad !== all || Math.abs(bad / all - expected) > 0.02)
    throw new Error(`${label} answered ${JSON.stringify(statuses)}`);
}

/** A server in a process of its own, with the load's connections to it. */
export async function openServer(settings, { load, connections, execArgv = [] }) {
  const schema = `sallyport_bench_${randomBytes(6).toString('hex')}`;
  const env = { SALLYPORT_BENCH: JSON.stringify({ ...settings, schema }) };
  const server = await start('server.mjs', { env, execArgv });
  const close = async () => {
    await server.stop();
    if (settings.usesDatabase) await dropSchema(schema);
  };
  try {
    const { port } = await server.ask('ready');
    await load.ask('connect', { port, count: connections });
    return {
      ask: server.ask,
      drive: (amount) => load.ask('drive', { port, ...amount }),
      async close() {
        await load.ask('disconnect', { port });
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * One turn of one contender. It runs in before it is measured: an engine that sat idle while others had their turns
 * has thrown away what it had compiled.
 */
async function turn({ label, server }, { refused }, { seconds, runIn }) {
  await server.drive(runIn);
  await server.ask('start');
  const { requests, perSecond, p50, p99, statuses } = await server.drive({ seconds });
  const { cpu, rss } = await server.ask('stop');
  assertAnswers(statuses, refused, label);
  return { perSecond, cpu: cpu / requests, p50, p99, rss };
}

async function prepareLoad(load, { ring: wanted, algorithm, consumers }, { signers }, directory) {
  if (wanted === undefined) {
    await load.ask('prepare', { minted: consumers });
    return;
  }
  const file = join(directory, 'tokens');
  writeFileSync(file, (await ring(signers[algorithm], wanted)).join('\n'));
  await load.ask('prepare', { file });
}

/** Fisher and Yates' shuffle. */
function shuffled(all) {
  const order = [...all];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** All contenders at once, each in a fresh process and warmed up. */
async function openAll(workload, { issuer: { jwksUri }, load, options }, use) {
  const { policy, algorithm, consumers } = workload;
  const opened = [];
  try {
    for (const contender of workload.contenders) {
      const settings = { ...contender, policy, algorithm, consumers, jwksUri };
      const server = await openServer(settings, { load, connections: options.connections });
      opened.push({ label: contender.label, server });
      await server.drive(options.warmUp);
    }
    return await use(opened);
  } finally {
    for (const { server } of opened) await server.close();
  }
}

/** The turns of all that are open, interleaved and close together: what the machine does meanwhile, it does to all. */
async function takeTurns(opened, turns, workload, options) {
  // The first ones to be opened have sat idle for longest, so everybody gets warm once more.
  for (const { server } of opened) await server.drive({ seconds: options.seconds });
  for (let round = 0; round < options.rounds; round += 1) {
    // Nobody always comes after the same one.
    for (const contender of shuffled(opened)) turns.get(contender.label).push(await turn(contender, workload, options));
  }
}

/** In as many generations as were asked for: two processes of the same program differ by some hundredths for all their lives. */
export async function measureWorkload(workload, context) {
  const { issuer, load, directory, options, say } = context;
  const scaled = workload.ring && { ...workload.ring, count: Math.max(200, workload.ring.count * options.scale) };
  await prepareLoad(load, { ...workload, ring: scaled }, issuer, directory);
  const turns = new Map(workload.contenders.map(({ label }) => [label, []]));
  for (let generation = 0; generation < options.generations; generation += 1)
    await openAll(workload, context, (opened) => takeTurns(opened, turns, workload, options));
  for (const [label, all] of turns) say(`  ${label}: ${median(all.map(({ cpu }) => cpu)).toFixed(1)} CPU µs`);
  return { id: workload.id, title: workload.title, turns: Object.fromEntries(turns) };
}
