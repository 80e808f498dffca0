import { judge } from './figures.mjs';
import { contendersOf, figuresTable, howMeasured, notReached, overview } from './tables.mjs';

const BEGIN = '<!-- written by npm run bench -->';
const END = '<!-- until here -->';

/** What the README says of a run. */
export function renderSection({ results, options, machine }) {
  const { workloads, memory } = results;
  const figures = judge(results);
  const charts = ['warm', 'new-hs256', 'new-rs256'].filter((wanted) => workloads.some(({ id }) => id === wanted));
  return [
    howMeasured({ options, machine }),
    overview(workloads.map((workload) => ({ ...workload, contenders: contendersOf(workload) }))),
    figuresTable(figures),
    ...notReached(figures),
    ...charts.map((id) => `![${workloads.find((workload) => workload.id === id).title}](docs/bench-${id}.svg)`),
    ...(memory === undefined ? [] : ['![Memory under a million distinct tokens](docs/bench-memory.svg)']),
    'All workloads, with latencies: [docs/bench.md](docs/bench.md).',
  ].join('\n\n');
}

/** The README with another section between its two marks, and nothing else changed. @throws Error without the marks. */
export function withSection(readme, section) {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from === -1 || to < from) throw new Error(`README.md lacks ${BEGIN} or ${END}`);
  return `${readme.slice(0, from + BEGIN.length)}\n\n${section}\n\n${readme.slice(to)}`;
}
