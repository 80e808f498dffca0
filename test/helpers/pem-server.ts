import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterThisTest } from './after-this-test.js';

/** Answer to one path: a PEM, or a status. */
export type PemAnswer = string | number;

/** A server with one PEM per path; a number is a status without a PEM. Everything else is 404. Gone after the test. */
export async function pemServer(answers: Record<string, PemAnswer> = {}) {
  const asked: string[] = [];
  const server: Server = createServer(({ url = '' }, res) => {
    asked.push(url);
    const answer = Object.hasOwn(answers, url) ? (answers[url] ?? 404) : 404;
    res.statusCode = typeof answer === 'number' ? answer : 200;
    res.end(typeof answer === 'number' ? '<h1>Error</h1>' : answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done).unref());
  afterThisTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, asked, answers };
}
