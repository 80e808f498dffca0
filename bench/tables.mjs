import { summary } from './statistics.mjs';

const row = (cells) => `| ${cells.join(' | ')} |`;
export const table = (heads, rows) => [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');
export const whole = (value) => Math.round(value).toLocaleString('en-US');
export const mebibytes = (bytes) => bytes / 2 ** 20;

const NAMES = {
  none: 'no authentication',
  'express-jwt': 'express-jwt + jwks-rsa',
  'hand-written': 'node:crypto by hand',
};
/** What a reader calls a contender. */
export const plain = (label) => NAMES[label] ?? label.replace(/^sallyport/, 'Sallyport');
const named = (label) => (label.startsWith('sallyport') ? `**${plain(label)}**` : plain(label));

/** The middle of every contender's turns, and its share of the throughput without authentication. */
export function contendersOf({ turns }) {
  const summaries = Object.entries(turns).map(([label, all]) => ({ label, ...summary(all) }));
  const { perSecond: most } = summaries.find(({ label }) => label === 'none');
  return summaries.map((contender) => ({ ...contender, share: contender.perSecond / most }));
}

export function workloadTable(contenders) {
  const rows = contenders.map(({ label, perSecond, share, cpu, p50, p99, rss }) => [
    named(label),
    whole(perSecond),
    share.toFixed(2),
    cpu.toFixed(1),
    p50.toFixed(2),
    p99.toFixed(2),
    mebibytes(rss).toFixed(0),
  ]);
  return table(['', 'requests/s', 'of no authentication', 'CPU µs/request', 'p50 ms', 'p99 ms', 'resident MiB'], rows);
}

/** CPU of all contenders side by side; one row per workload that is measured with the peers. */
export function overview(workloads) {
  const shown = ['warm', 'new-hs256', 'new-rs256', 'new-es256', 'bad', 'consumers'];
  const rows = workloads.filter(({ id }) => shown.includes(id));
  const labels = [...new Set(rows.flatMap(({ contenders }) => contenders.map(({ label }) => label)))];
  const cell = ({ contenders }, wanted) => contenders.find(({ label }) => label === wanted)?.cpu.toFixed(0) ?? '';
  return table(
    ['CPU µs per request', ...labels.map(named)],
    rows.map((workload) => [workload.title, ...labels.map((label) => cell(workload, label))]),
  );
}

export const figuresTable = (figures) =>
  table(
    ['', 'to reach', 'measured', ''],
    figures.map(({ what, goal, value, verdict }) => [what, goal, value, verdict]),
  );

/** One paragraph for each figure that was missed, so that nobody has to look for it. */
export const notReached = (figures) =>
  figures
    .filter(({ verdict }) => verdict !== 'reached')
    .map(({ what, value, goal, why }) => `Not reached: ${what} is ${value}, not ${goal}. ${why}`);

/** When, on what and how. */
export function howMeasured({ options, machine }) {
  const { date, cpu, cores, node } = machine;
  const { generations, rounds, seconds, connections } = options;
  const processes = generations === 1 ? 'One fresh process' : `${generations} fresh processes`;
  return [
    `Measured ${date} on ${cpu}, ${cores} cores, Node ${node}, by \`npm run bench\`:`,
    'the same Express 5 application, each contender in a process of its own, the load from another process,',
    `${connections} connections. ${processes} of each with ${rounds} turns of ${seconds} s, interleaved within one run;`,
    'the tables show the middle of all turns, and ratios are taken within a round.',
    'The load never sleeps, so no core idles: jose and what is built on it, which check signatures on other threads, would get more requests out of an idle one. CPU per request is the figure that other work on the machine disturbs least.',
  ].join(' ');
}
