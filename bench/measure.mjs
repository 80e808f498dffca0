import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseName, dropSchema } from './database.mjs';
import { start } from './processes.mjs';
import { ring } from './tokens.mjs';

/** Tells a measurement that went wrong from one that is slow. */
function assertAnswers(statuses, refused, label) {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const { 200: good = 0, 401: bad = 0 } = statuses;
  const expected = label === 'none' ? 0 : refused;
  if (good + bad !== all || Math.abs(bad / all - expected) > 0.02)
    throw new Error(`${label} answered ${JSON.stringify(statuses)}`);
}

/** A server in a process of its own, for as long as `use` takes. */
export async function withServer(settings, execArgv, use) {
  const schema = `sallyport_bench_${randomBytes(6).toString('hex')}`;
  const env = { SALLYPORT_BENCH: JSON.stringify({ ...settings, schema }) };
  const server = await start('server.mjs', { env, execArgv });
  try {
    const { port } = await server.ask('ready');
    return await use(server, port);
  } finally {
    await server.stop();
    if (settings.variant !== undefined) await dropSchema(schema);
  }
}

/** One turn of one contender: a fresh process, warmed up, then measured. */
async function turn({ workload, contender, load, jwksUri }, { seconds, warmUp, connections }) {
  const { policy, algorithm, consumers, refused } = workload;
  const settings = { ...contender, policy, algorithm, consumers, jwksUri };
  return withServer(settings, [], async (server, port) => {
    await load.ask('connect', { port, count: connections });
    await load.ask('drive', warmUp);
    await server.ask('start');
    const { requests, perSecond, p50, p99, statuses } = await load.ask('drive', { seconds });
    const { cpu } = await server.ask('stop');
    assertAnswers(statuses, refused, contender.label);
    return { perSecond, cpu: cpu / requests, p50, p99 };
  });
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

/** Every contender's turns, interleaved: what the machine does meanwhile, it does to all of them. */
export async function measureWorkload(workload, { issuer, load, directory, options, say }) {
  const { jwksUri } = issuer;
  const scaled = workload.ring && { ...workload.ring, count: Math.max(200, workload.ring.count * options.scale) };
  await prepareLoad(load, { ...workload, ring: scaled }, issuer, directory);
  const turns = new Map(workload.contenders.map(({ label }) => [label, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    // Nobody always comes after the same one.
    const order = workload.contenders.map((_, at, all) => all[(at + round) % all.length]);
    for (const contender of order) {
      const result = await turn({ workload, contender, load, jwksUri }, options);
      turns.get(contender.label).push(result);
      say(`  ${round + 1}/${options.rounds} ${contender.label}: ${Math.round(result.perSecond)}/s`);
    }
  }
  return { id: workload.id, title: workload.title, database: databaseName(), turns: Object.fromEntries(turns) };
}
