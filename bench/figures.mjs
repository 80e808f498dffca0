import { ratio } from './statistics.mjs';

/** What is to be reached, as ratios within a workload. */
const RATIOS = [
  {
    id: 'warm',
    measure: 'perSecond',
    base: 'none',
    atLeast: 0.95,
    what: 'throughput on tokens that repeat, of that without authentication',
  },
  {
    id: 'warm',
    measure: 'perSecond',
    base: 'express-oauth2-jwt-bearer',
    atLeast: 1.5,
    what: 'throughput on tokens that repeat, of express-oauth2-jwt-bearer',
  },
  {
    id: 'warm',
    measure: 'perSecond',
    base: 'fast-jwt',
    atLeast: 1,
    what: 'throughput on tokens that repeat, of fast-jwt with its cache',
  },
  {
    id: 'new-hs256',
    measure: 'cpu',
    base: 'hand-written',
    atMost: 1.15,
    what: 'CPU of new HS256 tokens, of node:crypto',
  },
  { id: 'new-rs256', measure: 'cpu', base: 'jose', atMost: 1.05, what: 'CPU of new RS256 tokens, of plain jose' },
  { id: 'new-es256', measure: 'cpu', base: 'jose', atMost: 1.05, what: 'CPU of new ES256 tokens, of plain jose' },
  {
    id: 'methods',
    measure: 'cpu',
    label: 'sallyport: three methods',
    base: 'sallyport',
    atMost: 1.03,
    what: 'CPU of three methods behind jwtAuth, of one',
  },
];

/** Kept memory may differ by this much once the caches are full: what a collector leaves is never quite the same. */
const FLAT = 1.05;

const MAX_BUSY = 2;

function verdictOf(value, { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }) {
  return value >= atLeast && value <= atMost ? 'reached' : 'not reached';
}

function judgeRatio(figure, workloads) {
  const workload = workloads.find(({ id }) => id === figure.id);
  if (workload === undefined) return [];
  const { what, measure, label = 'sallyport', base, atLeast, atMost } = figure;
  const value = ratio(workload, measure, label, base);
  const goal = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return [{ what, goal, value: value.toFixed(3), verdict: verdictOf(value, figure) }];
}

function judgeMemory(points) {
  if (points === undefined) return [];
  const growth = points.at(-1).held / points[1].held;
  const what = `memory kept after ${points.at(-1).tokens} distinct tokens, of that after ${points[1].tokens}`;
  return [{ what, goal: `at most ${FLAT}`, value: growth.toFixed(3), verdict: verdictOf(growth, { atMost: FLAT }) }];
}

function judgeRejection(rejection) {
  if (rejection === undefined) return [];
  const { bytes, busyP99 } = rejection;
  const what = `event loop per refusal of a bad token of ${bytes} bytes, p99`;
  const verdict = verdictOf(busyP99, { atMost: MAX_BUSY });
  return [{ what, goal: `below ${MAX_BUSY} ms`, value: `${busyP99.toFixed(2)} ms`, verdict }];
}

/** Each figure with what was measured, and whether it was reached. */
export function judge({ workloads, memory, rejection }) {
  const judged = [
    ...RATIOS.flatMap((figure) => judgeRatio(figure, workloads)),
    ...judgeMemory(memory),
    ...judgeRejection(rejection),
  ];
  return judged.map((figure) => ({ ...figure, text: `${figure.what}: ${figure.value} (${figure.goal})` }));
}
