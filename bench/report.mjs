import { barChart, lineChart } from './chart.mjs';
import { judge } from './figures.mjs';
import {
  contendersOf,
  figuresTable,
  howMeasured,
  mebibytes,
  notReached,
  plain,
  table,
  whole,
  workloadTable,
} from './tables.mjs';

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
    'What the process still holds after a full garbage collection, and what it has of the system.',
    '![Memory under distinct tokens](bench-memory.svg)',
    table(['tokens', 'held MiB', 'resident MiB'], rows),
  ];
}

/** The files of a report by name: one page, and its charts. */
export function renderReport({ results, options, machine }) {
  const files = {};
  const { workloads, memory } = results;
  const figures = judge(results);
  const parts = [
    '# How fast',
    howMeasured({ options, machine }),
    ...(options.isWhole ? [] : ['**Not a whole run: these figures mean nothing.**']),
    '## Figures',
    figuresTable(figures),
    ...notReached(figures),
  ];
  for (const workload of workloads) {
    const contenders = contendersOf(workload);
    const name = `bench-${workload.id}.svg`;
    files[name] = workloadChart(workload, contenders);
    parts.push(`## ${workload.title}`, `![${workload.title}](${name})`, workloadTable(contenders));
  }
  if (memory !== undefined) {
    const points = memory.map(({ tokens, held }) => ({ x: tokens, y: mebibytes(held) }));
    files['bench-memory.svg'] = lineChart('Memory held (MiB) after so many distinct tokens', points);
    parts.push(...memoryPart(memory));
  }
  files['bench.md'] = `${parts.join('\n\n')}\n`;
  return files;
}
