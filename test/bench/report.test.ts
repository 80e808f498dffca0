import { describe, expect, test } from '@jest/globals';

// The bench is plain JavaScript and needs packages of its own; these files of it do not. What they export is typed
// here, because no compiler looks at them.
const load = async <T>(file: string) => (await import(new URL(`../../bench/${file}`, import.meta.url).href)) as T;

type Turn = Record<'perSecond' | 'cpu' | 'p50' | 'p99' | 'rss', number>;
interface Results {
  workloads: { id: string; title: string; turns: Record<string, Turn[]> }[];
  memory?: { tokens: number; held: number; rss: number }[];
  rejection?: { bytes: number; busyP99: number };
}
interface Run {
  results: Results;
  options: { generations: number; rounds: number; seconds: number; connections: number; isWhole: boolean };
  machine: { date: string; cpu: string; cores: number; node: string };
}

const { median, ratio, summary } = await load<{
  median(values: readonly number[]): number;
  summary(turns: readonly Turn[]): Turn;
  ratio(workload: { turns: Record<string, Turn[]> }, measure: keyof Turn, label: string, base: string): number;
}>('statistics.mjs');
const { judge } = await load<{ judge(results: Results): { what: string; value: string; verdict: string }[] }>(
  'figures.mjs',
);
const { renderReport } = await load<{ renderReport(run: Run): Record<string, string> }>('report.mjs');
const { renderSection, withSection } = await load<{
  renderSection(run: Run): string;
  withSection(readme: string, section: string): string;
}>('readme-section.mjs');
const { readOptions } = await load<{ readOptions(args: string[]): Record<string, unknown> }>('options.mjs');
const { barChart } = await load<{
  barChart(
    title: string,
    panels: { title: string; bars: { name: string; value: number; text: string; isOurs: boolean }[] }[],
  ): string;
}>('chart.mjs');

const turn = (perSecond: number, cpu: number): Turn => ({ perSecond, cpu, p50: 1, p99: 2, rss: 2 ** 26 });
const MIB = 2 ** 20;

const warm = {
  id: 'warm',
  title: 'RS256, 2,000 tokens that repeat',
  turns: {
    none: [turn(1000, 100), turn(500, 200), turn(1000, 100)],
    sallyport: [turn(980, 104), turn(490, 208), turn(900, 120)],
    'express-oauth2-jwt-bearer': [turn(500, 200), turn(250, 400), turn(500, 200)],
    'fast-jwt': [turn(1000, 100), turn(500, 200), turn(900, 110)],
  },
};
const run = (results: Partial<Results> = {}): Run => ({
  results: { workloads: [warm], ...results },
  options: { generations: 1, rounds: 3, seconds: 1, connections: 32, isWhole: true },
  machine: { date: '2030-01-02', cpu: 'Some CPU', cores: 4, node: 'v20.19.0' },
});

describe('the statistics', () => {
  test('take the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(summary(warm.turns.none)).toMatchObject({ perSecond: 1000, cpu: 100 });
  });

  test('compare within a round, so that a slow minute changes no ratio', () => {
    expect(ratio(warm, 'perSecond', 'sallyport', 'none')).toBeCloseTo(0.98);
    expect(ratio(warm, 'cpu', 'sallyport', 'express-oauth2-jwt-bearer')).toBeCloseTo(0.52);
  });
});

describe('the figures', () => {
  const verdicts = (results: Partial<Results>) =>
    judge(run(results).results).map(({ value, verdict }) => [value, verdict]);

  test('are judged by what was measured, and say which are missed', () => {
    expect(verdicts({})).toEqual([
      ['0.980', 'reached'],
      ['1.960', 'reached'],
      ['0.980', 'not reached'],
    ]);
  });

  test.each([
    [39, 'reached'],
    [50, 'not reached'],
  ])('memory of %s MiB in the end, after 38 at the first hundred thousand: %s', (last, verdict) => {
    const memory = [10, 38, 39, last].map((held, at) => ({ tokens: at * 100_000, held: held * MIB, rss: 100 * MIB }));
    expect(verdicts({ workloads: [], memory })).toEqual([[(last / 38).toFixed(3), verdict]]);
  });

  test.each([
    [1.2, 'reached'],
    [2.5, 'not reached'],
  ])('a refusal that takes %s ms: %s', (busyP99, verdict) => {
    expect(verdicts({ workloads: [], rejection: { bytes: 16_384, busyP99 } })).toEqual([
      [`${busyP99.toFixed(2)} ms`, verdict],
    ]);
  });
});

describe('the report', () => {
  test('has a page and a chart for each workload, with date and machine, and owns up to what was missed', () => {
    const memory = [0, 1, 2].map((at) => ({ tokens: at * 100_000, held: 30 * MIB, rss: 90 * MIB }));
    const files = renderReport(run({ memory }));
    expect(Object.keys(files).sort()).toEqual(['bench-memory.svg', 'bench-warm.svg', 'bench.md']);
    const page = files['bench.md'] ?? '';
    expect(page).toContain('Measured 2030-01-02 on Some CPU, 4 cores, Node v20.19.0');
    expect(page).toContain('| **Sallyport** | 900 | 0.90 | 120.0 |');
    expect(page).toContain('Not reached: throughput on tokens that repeat, of fast-jwt with its cache is 0.980');
    for (const text of Object.values(files)) expect(text).not.toMatch(/undefined|NaN|Infinity/);
  });

  test('says that a part of a run is none', () => {
    const part = run();
    const files = renderReport({ ...part, options: { ...part.options, isWhole: false } });
    expect(files['bench.md']).toContain('Not a whole run');
  });

  test('puts its section between the marks of the README, again and again, and changes nothing else', () => {
    const before = 'a\n<!-- written by npm run bench -->\nold\n<!-- until here -->\nb\n';
    const section = renderSection(run());
    const after = withSection(before, section);
    expect(after).toContain('docs/bench-warm.svg');
    expect(after).not.toContain('old');
    expect(after.startsWith('a\n') && after.endsWith('\nb\n')).toBe(true);
    expect(withSection(after, section)).toBe(after);
    expect(() => withSection('no marks', section)).toThrow('README.md lacks');
  });
});

test('a chart is one well-formed picture for light and dark, whatever the names are', () => {
  const bars = [
    { name: 'a < b & "c"', value: 10, text: '10', isOurs: true },
    { name: 'other', value: 5, text: '5', isOurs: false },
  ];
  const svg = barChart('Title', [{ title: 'more is better', bars }]);
  expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
  expect(svg).toContain('prefers-color-scheme: dark');
  const lengths = [...svg.matchAll(/<rect class="(?:ours|bar)"[^>]* width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
  expect(lengths).toHaveLength(2);
  expect(lengths[0]).toBeCloseTo(2 * (lengths[1] ?? 0), 0);
});

test('the options refuse what is not there', () => {
  expect(readOptions([])).toMatchObject({ isWhole: true });
  expect(readOptions(['--quick'])).toMatchObject({ isWhole: false, rounds: 1 });
  expect(readOptions(['--only', 'warm'])).toMatchObject({ isWhole: false });
  for (const wrong of [
    ['--only', 'nothing'],
    ['--rounds', '0'],
    ['--generations', '0'],
    ['--seconds', 'x'],
    ['--unknown'],
  ])
    expect(() => readOptions(wrong)).toThrow();
});
