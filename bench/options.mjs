import { parseArgs } from 'node:util';
import { SPECIALS, WORKLOADS } from './workloads.mjs';

export const HELP = `npm run bench -- [options]
  --quick              a smoke run of a few seconds; its figures mean nothing and go to bench/results
  --only <workload>    one of ${[...WORKLOADS.map(({ id }) => id), ...SPECIALS].join(', ')}; may be given several times
  --generations <n>    how many fresh processes each contender has (default 1)
  --rounds <n>         how many turns each process has (default 12)
  --seconds <n>        how long a turn is measured (default 0.3)
  --help`;

const number = (text, fallback) => (text === undefined ? fallback : Number(text));

/** @throws Error for what is not an option. */
export function readOptions(args = process.argv.slice(2)) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      generations: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, help, only } = values;
  const known = [...WORKLOADS.map(({ id }) => id), ...SPECIALS];
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new Error(`there is no workload "${unknown}"; there are ${known.join(', ')}`);
  const generations = number(values.generations, 1);
  const rounds = number(values.rounds, quick ? 1 : 12);
  const seconds = number(values.seconds, quick ? 0.2 : 0.3);
  if (!(generations >= 1 && rounds >= 1 && seconds > 0))
    throw new Error('--generations, --rounds and --seconds expect numbers above 0');
  return {
    quick,
    help,
    generations,
    rounds,
    seconds,
    // The compilers take tens of thousands of requests until they are done with whatever does more than others.
    warmUp: quick ? { requests: 200 } : { requests: 60_000, seconds: 20 },
    runIn: quick ? { requests: 50 } : { seconds: 0.1 },
    connections: 32,
    scale: quick ? 0.01 : 1,
    wanted: (id) => only === undefined || only.includes(id),
    isWhole: !quick && only === undefined,
  };
}
