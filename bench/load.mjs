import { readFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import { Connection, requestWith } from './connection.mjs';
import { answerWith } from './processes.mjs';
import { minter } from './tokens.mjs';

/** What goes to the server at a port. */
let nextRequest;
/** By port: those to one server stay open while others have their turn. */
const connections = new Map();

/**
 * Keeps this process running while it waits for answers: on a virtual machine, waking another processor is dear, and
 * whoever is slower would pay for it more often.
 */
function keepAwake() {
  let isOver = false;
  const turn = () => {
    if (!isOver) setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
  };
}

/** All connections of a server at once, for a time or a number of requests. */
async function drive({ port, seconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY }) {
  const histogram = createHistogram();
  const statuses = {};
  const started = performance.now();
  const end = started + seconds * 1000;
  let sent = 0;
  const next = () => {
    if (sent >= requests || performance.now() >= end) return undefined;
    sent += 1;
    return nextRequest(port);
  };
  const answered = (status, milliseconds) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    histogram.record(Math.max(1, Math.round(milliseconds * 1e6)));
  };
  const rest = keepAwake();
  await Promise.all(connections.get(port).map((connection) => connection.run(next, answered)));
  rest();
  const elapsed = (performance.now() - started) / 1000;
  return {
    requests: sent,
    perSecond: sent / elapsed,
    p50: histogram.percentile(50) / 1e6,
    p99: histogram.percentile(99) / 1e6,
    statuses,
  };
}

/** Around and around, for each server by itself: what one of them was sent says nothing of what another has seen. */
function ringOf(tokens) {
  const requests = tokens.map(requestWith);
  const places = new Map();
  return (port) => {
    const at = ((places.get(port) ?? -1) + 1) % requests.length;
    places.set(port, at);
    return requests[at];
  };
}

function newTokens(consumers, times) {
  const mint = minter(consumers);
  let request;
  let left = 0;
  return () => {
    if (left === 0) {
      request = requestWith(mint());
      left = times;
    }
    left -= 1;
    return request;
  };
}

answerWith({
  /** What to send: tokens out of a file, around and around, or new ones of so many consumers, each of them so often. */
  prepare({ file, minted, times = 1 }) {
    nextRequest = file === undefined ? newTokens(minted, times) : ringOf(readFileSync(file, 'utf8').split('\n'));
  },
  connect({ port, count }) {
    connections.set(
      port,
      Array.from({ length: count }, () => new Connection(port)),
    );
  },
  disconnect({ port }) {
    for (const connection of connections.get(port)) connection.close();
    connections.delete(port);
  },
  drive,
});
