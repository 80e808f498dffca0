import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';

/** Starts a server that ends with the test file, answers JSON by path, and records its requests. */
export async function keyServer(answers: (origin: string) => Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let byPath: Readonly<Record<string, unknown>> = {};
  const server = createServer(({ url = '', headers: sent }, res) => {
    asked.push(url);
    headers.push(sent);
    const answer = byPath[url];
    res.statusCode = answer === undefined ? 404 : 200;
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done).unref());
  afterAll(() => new Promise<void>((done) => server.close(() => done())));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  byPath = answers(origin);
  return { origin, asked, headers };
}
