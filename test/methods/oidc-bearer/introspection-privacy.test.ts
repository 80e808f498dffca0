import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { AuthEvent, SharedCache } from '../../../lib/index.js';
import {
  active,
  asking,
  CLIENT,
  INACTIVE,
  introspectionEndpoint,
  type Said,
} from '../../helpers/introspection-endpoint.js';
import { present } from '../../helpers/oidc-door.js';

const endpoint = await introspectionEndpoint();
const TOKEN = 'opaque-4711-0123456789abcdef';

/** Every shape in which a text could have been written down. */
function shapesOf(text: string): string[] {
  const shapes = (['base64', 'base64url', 'hex'] as const).map((shape) => Buffer.from(text).toString(shape));
  return [text, encodeURIComponent(text), ...shapes.map((shape) => shape.replace(/=+$/, ''))];
}
const SECRETS = [...shapesOf(TOKEN), ...shapesOf(CLIENT.secret), 'a+secret+of+our+API'];
const foundIn = (...texts: string[]) => SECRETS.filter((secret) => texts.join('\n').includes(secret));

/** Nothing is left out of an error, its causes and what hangs on them included. */
const everything = (value: unknown) => inspect(value, { depth: 12, showHidden: true, maxStringLength: null });

const ECHOES: readonly (readonly [what: string, said: Said])[] = [
  ['a yes', active()],
  ['a no', INACTIVE],
  ['an error that repeats the token', { status: 400, body: { error: 'invalid_request', error_description: TOKEN } }],
  ['an error that is the token', { status: 401, body: { error: TOKEN } }],
  ['a page that repeats the token', { status: 500, headers: { 'content-type': 'text/html' }, body: `<p>${TOKEN}` }],
  ['JSON that breaks after the token', { body: `{"token":"${TOKEN}` }],
  ['another type with the token in it', { headers: { 'content-type': 'text/plain' }, body: TOKEN }],
  [
    'a JWT in which the token stands',
    { headers: { 'content-type': 'application/token-introspection+jwt' }, body: TOKEN },
  ],
  ['another issuer', active({ iss: TOKEN })],
  [
    'headers that repeat the token',
    { ...INACTIVE, status: 503, headers: { 'www-authenticate': `Bearer x="${TOKEN}"` } },
  ],
];

describe('no token and no secret stands', () => {
  test.each(ECHOES)('in an answer, an event, an error or health() after %s', async (_what, said) => {
    const events: AuthEvent[] = [];
    endpoint.answers(said);
    const method = asking(endpoint, { events });
    const answer = await present(method, TOKEN);
    expect(events).toHaveLength(1);
    expect(foundIn(JSON.stringify(answer), everything(events), everything(method.health()))).toEqual([]);
  });

  test('in a principal or an event where the endpoint repeats the token in what it says', async () => {
    const events: AuthEvent[] = [];
    endpoint.answers(active({ jti: TOKEN, access_token: TOKEN, all: [TOKEN, { token: TOKEN, id: 7 }] }));
    const { status, principal } = await present(asking(endpoint, { events }), TOKEN);
    expect([status, principal.credential.id]).toEqual([200, undefined]);
    expect(principal.claims).toMatchObject({ sub: 'alice', all: [{ id: 7 }] });
    expect(foundIn(JSON.stringify(principal), everything(events))).toEqual([]);
  });

  test('in what a shared cache is told, by key or by value', async () => {
    const told: string[] = [];
    const cache: SharedCache = {
      get: async (key) => void told.push(key),
      set: async (key, value) => void told.push(key, value),
      delete: async (key) => void told.push(key),
    };
    endpoint.answers(active({ jti: TOKEN }));
    expect((await present(asking(endpoint, { introspection: { cache } }), TOKEN)).status).toBe(200);
    expect(told).toHaveLength(3);
    expect(foundIn(...told)).toEqual([]);
  });
});
