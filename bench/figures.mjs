import { ratio } from './statistics.mjs';

/** What is to be reached, as ratios within a workload; `why` is what there is to say where one is missed. */
const RATIOS = [
  {
    id: 'warm',
    measure: 'perSecond',
    base: 'none',
    atLeast: 0.95,
    what: 'throughput on tokens that repeat, of that without authentication',
    why: 'The route behind does nothing at all, so whatever is done before it shows. A hit costs a few microseconds where nothing else runs (`npm run bench:micro`), and several times that where all of Express and a socket run in between and the processor has forgotten its code: first of all the SHA-256 of the token, and the one property on the request, to which Express 5 gives a hidden class of its own every time.',
  },
  {
    id: 'warm',
    measure: 'perSecond',
    base: 'express-oauth2-jwt-bearer',
    atLeast: 1.5,
    what: 'throughput on tokens that repeat, of express-oauth2-jwt-bearer',
    why: 'Express and the socket cost the same for both and bring the two closer together; the CPU column says what each adds to them.',
  },
  {
    id: 'warm',
    measure: 'perSecond',
    base: 'fast-jwt',
    atLeast: 1,
    what: 'throughput on tokens that repeat, of fast-jwt with its cache',
    why: 'On a hit fast-jwt looks at the clock and at nothing else; Sallyport also asks whether the key still stands, looks for a second credential in the raw headers, and leaves a note of how the request is to be refused further on.',
  },
  {
    id: 'new-hs256',
    measure: 'cpu',
    base: 'hand-written',
    atMost: 1.15,
    what: 'CPU of new HS256 tokens, of node:crypto by hand',
    why: 'The check by hand believes two calls of JSON.parse; duplicate members, numbers, base64url, header members and claim types are looked at by Sallyport alone, and a principal is made and frozen.',
  },
  {
    id: 'new-rs256',
    measure: 'cpu',
    base: 'jose',
    atMost: 1.05,
    what: 'CPU of new RS256 tokens, of plain jose',
    why: 'Both spend most of it in OpenSSL; what Sallyport does beside that (strict JSON, types of claims, the kind of token, a principal that is mapped and frozen) plain jose leaves to the application.',
  },
  {
    id: 'new-es256',
    measure: 'cpu',
    base: 'jose',
    atMost: 1.05,
    what: 'CPU of new ES256 tokens, of plain jose',
    why: 'Both spend most of it in OpenSSL; what Sallyport does beside that (strict JSON, types of claims, the kind of token, a principal that is mapped and frozen) plain jose leaves to the application.',
  },
  {
    id: 'methods',
    measure: 'cpu',
    label: 'sallyport: three methods',
    base: 'sallyport',
    atMost: 1.03,
    what: 'CPU of three methods behind jwtAuth, of one',
    why: 'Each method is asked whether it remembers the token and whether its configuration names the issuer.',
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
  const { what, why, measure, label = 'sallyport', base, atLeast, atMost } = figure;
  const value = ratio(workload, measure, label, base);
  const goal = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return [{ what, why, goal, value: value.toFixed(3), verdict: verdictOf(value, figure) }];
}

function judgeMemory(points) {
  if (points === undefined) return [];
  const growth = points.at(-1).held / points[1].held;
  const [last, first] = [points.at(-1), points[1]].map(({ tokens }) => tokens.toLocaleString('en-US'));
  const what = `memory held after ${last} distinct tokens, of that after ${first}`;
  const why = 'See the line of the chart: whether it rises by tenths or all the way is what matters.';
  return [
    { what, why, goal: `at most ${FLAT}`, value: growth.toFixed(3), verdict: verdictOf(growth, { atMost: FLAT }) },
  ];
}

function judgeRejection(rejection) {
  if (rejection === undefined) return [];
  const { bytes, busyP99 } = rejection;
  const what = `event loop per refusal of a bad token of ${bytes.toLocaleString('en-US')} bytes, p99`;
  const why = 'It counts everything that the process did for the request, Express and the garbage collector too.';
  const verdict = verdictOf(busyP99, { atMost: MAX_BUSY });
  return [{ what, why, goal: `below ${MAX_BUSY} ms`, value: `${busyP99.toFixed(2)} ms`, verdict }];
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
