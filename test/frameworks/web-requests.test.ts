import { describe, expect, test } from '@jest/globals';
import { asking, frameworkProgram, keepsTheUsualPromises } from '../helpers/framework.js';

/** Stands in for a framework of web requests: it makes one of Node's, and sends the web response back. */
const FRAMEWORK = `
import { createServer } from 'node:http';

const handlers: Record<string, (request: Request) => Promise<Response>> = { GET, DELETE };
createServer(async (req, res) => {
  const headers = new Headers();
  for (let at = 0; at < req.rawHeaders.length; at += 2) headers.append(req.rawHeaders[at]!, req.rawHeaders[at + 1]!);
  const request = new Request('http://localhost' + req.url, { method: req.method, headers });
  const response = await handlers[req.method!]!(request);
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(await response.text());
}).listen(3000);
`;

describe('handlers of web requests, as those of Next.js', () => {
  const program = frameworkProgram('Next.js and other handlers of web requests', 0, FRAMEWORK);
  keepsTheUsualPromises(program);

  test('two tokens, which a web request joins with a comma, are a 400', async () => {
    const one = await program().issuer.mint();
    const { status } = await asking(`${program().url}/me`, `${one}, Bearer ${one}`);
    expect(status).toBe(400);
  });
});
