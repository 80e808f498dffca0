import { barChart, lineChart } from './chart.mjs';
import { judge } from './figures.mjs';
import { summary } from './statistics.mjs';

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) => [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');
const whole = (value) => Math.round(value).toLocaleString('en-US');
const mebibytes = (bytes) => bytes / 2 ** 20;

const NAMES = { none: 'no authentication', sallyport: '**Sallyport**' };
const named = (label) => NAMES[label] ?? label.replace(/^sallyport/, '**Sallyport**');
const plain = (label) => named(label).replaceAll('*', '');

function workloadTable(contenders) {
  const rows = contenders.map(({ label, perSecond, share, cpu, p50, p99 }) => [
    named(label),
    whole(perSecond),
    share.toFixed(2),
    cpu.toFixed(1),
    p50.toFixed(2),
    p99.toFixed(2),
  ]);
  return table(['', 'requests/s', 'of no authentication', 'CPU µs/request', 'p50 ms', 'p99 ms'], rows);
}

function contendersOf({ turns }) {
  const summaries = Object.entries(turns).map(([label, all]) => ({ label, ...summary(all) }));
  const { perSecond: most } = summaries.find(({ label }) => label === 'none');
  return summaries.map((contender) => ({ ...contender, share: contender.perSecond / most }));
}

function workloadChart({ title }, contenders) {
  const bars = (measure, text) =>
    contenders.map((contender) => ({
      name: plain(contender.label),
      value: contender[measure],
      text: text(contender[measure]),
      isOurs: contender.label.startsWith('sallyport'),
    }));
  const panels = [
    { title: 'requests per second (more is better)', bars: bars('perSecond', whole) },
    { title: 'CPU µs per request (less is better)', bars: bars('cpu', (value) => value.toFixed(1)) },
  ];
  return barChart(title, panels);
}

function memoryPart(points) {
  const rows = points.map(({ tokens, held, rss }) => [
    whole(tokens),
    mebibytes(held).toFixed(1),
    mebibytes(rss).toFixed(1),
  ]);
  return [
    '## Memory under distinct tokens',
    '![](bench-memory.svg)',
    table(['tokens', 'kept MiB', 'resident MiB'], rows),
  ];
}

function headOf({ options, machine }) {
  const { date, cpu, cores, node } = machine;
  const { rounds, seconds, connections, isWhole } = options;
  return [
    '# How fast',
    'Written by `npm run bench`. The same Express 5 application, each contender in a process of its own, all of them in turns within one run, the load from another process. Middle of all turns; ratios are taken within a round.',
    `${date} · ${cpu}, ${cores} cores · Node ${node} · ${rounds} rounds of ${seconds} s · ${connections} connections`,
    ...(isWhole ? [] : ['**Not a whole run: these figures mean nothing.**']),
  ];
}

/** The files of a report by name: one page, and its charts. */
export function renderReport({ results, options, machine }) {
  const files = {};
  const { workloads, memory } = results;
  const figures = judge(results).map(({ what, goal, value, verdict }) => [what, goal, value, verdict]);
  const parts = [...headOf({ options, machine }), '## Figures', table(['', 'to reach', 'measured', ''], figures)];
  for (const workload of workloads) {
    const contenders = contendersOf(workload);
    const name = `bench-${workload.id}.svg`;
    files[name] = workloadChart(workload, contenders);
    parts.push(`## ${workload.title}`);
    if (workload.id === 'users') parts.push(`The database was ${workload.database}.`);
    parts.push(`![](${name})`, workloadTable(contenders));
  }
  if (memory !== undefined) {
    const points = memory.map(({ tokens, held }) => ({ x: tokens, y: mebibytes(held) }));
    files['bench-memory.svg'] = lineChart('Memory kept (MiB) after so many distinct tokens', points);
    parts.push(...memoryPart(memory));
  }
  files['bench.md'] = `${parts.join('\n\n')}\n`;
  files['bench.json'] = `${JSON.stringify({ machine, ...results }, undefined, 2)}\n`;
  return files;
}
