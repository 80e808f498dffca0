import { createServer, type IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type AuthMethod, consumerJwt } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { bearer } from '../helpers/requests.js';
import { howtoToken } from '../helpers/tokens.js';

/** A server that lets a request pass a method, and then shows another one to the same method. */
function showing(method: AuthMethod, other: (req: IncomingMessage) => IncomingMessage) {
  return createServer((req, res) => {
    method(req, res, () => method(other(req), res, () => res.end('welcome')));
  });
}

const method = () => consumerJwt({ consumers: howtoConsumers() });
const get = (server: ReturnType<typeof showing>) => request(server).get('/').set('Authorization', bearer(howtoToken()));

describe('behind a request that passed, one without a credential', () => {
  const bare = { headers: {}, rawHeaders: [] as string[] };

  test.each<[string, (req: IncomingMessage) => object]>([
    ['that copies its properties', (req) => ({ ...req, ...bare })],
    [
      'that copies even what does not show',
      (req) => Object.assign(Object.defineProperties({}, Object.getOwnPropertyDescriptors(req)), bare),
    ],
    ['that stands over it', (req) => Object.assign(Object.create(req), bare)],
  ])('%s is refused', async (_title, other) => {
    // What it is beside its headers plays no part.
    const response = await get(showing(method(), (req) => other(req) as IncomingMessage));
    expect(response.status).toBe(401);
  });
});

test('a request that was handed on as it is passes', async () => {
  const response = await get(showing(method(), (req) => req));
  expect(response.text).toBe('welcome');
});

test('a request gets req.principal and no other property, not even one that does not show', async () => {
  const added: unknown[] = [];
  const one = method();
  const server = createServer((req, res) => {
    // Node computes these when they are first read.
    void [req.headers, req.headersDistinct];
    const before = new Set(Reflect.ownKeys(req));
    one(req, res, () => {
      added.push(...Reflect.ownKeys(req).filter((key) => !before.has(key)));
      res.end();
    });
  });
  await get(server).expect(200);
  expect(added).toEqual(['principal']);
});
