import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openServer } from './measure.mjs';
import { largestBad } from './tokens.mjs';

const STEPS = 10;

/** What the process holds on to after each tenth of a million tokens, each of which comes twice, for then it is kept. */
export async function measureMemory({ load, options, say }) {
  const step = Math.round(100_000 * options.scale);
  const times = 2;
  await load.ask('prepare', { minted: 100, times });
  const settings = { contender: 'sallyport', policy: 'consumers', consumers: 100 };
  const { connections } = options;
  const server = await openServer(settings, { load, connections, execArgv: ['--expose-gc'] });
  try {
    const points = [{ tokens: 0, ...(await server.ask('memory')) }];
    for (let at = 1; at <= STEPS; at += 1) {
      const { statuses } = await server.drive({ requests: step * times });
      if (statuses[200] !== step * times) throw new Error(`memory: ${JSON.stringify(statuses)}`);
      points.push({ tokens: at * step, ...(await server.ask('memory')) });
      say(`  ${at * step} tokens: ${(points[at].held / 2 ** 20).toFixed(1)} MiB`);
    }
    return points;
  } finally {
    await server.close();
  }
}

/** How long the event loop is held up by the largest tokens that are read at all. */
export async function measureRejection({ issuer, load, directory, options }) {
  const { signers, jwksUri } = issuer;
  const file = join(directory, 'tokens');
  const tokens = await largestBad(signers.RS256);
  writeFileSync(file, tokens.join('\n'));
  await load.ask('prepare', { file });
  const settings = { contender: 'sallyport', policy: 'issuer', jwksUri, watchLoop: true };
  const server = await openServer(settings, { load, connections: 1 });
  try {
    await server.drive({ requests: Math.round(2_000 * options.scale) });
    await server.ask('start');
    const { statuses } = await server.drive({ requests: Math.round(10_000 * options.scale) });
    if (Object.keys(statuses).join() !== '401') throw new Error(`rejection: ${JSON.stringify(statuses)}`);
    const { busyP99 } = await server.ask('stop');
    return { bytes: Math.max(...tokens.map(({ length }) => length)), busyP99 };
  } finally {
    await server.close();
  }
}
