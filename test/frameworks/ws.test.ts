import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { frameworkProgram } from '../helpers/framework.js';

const program = frameworkProgram('ws');

/** What a client gets: the first message and the chosen subprotocol, or the refusal of its upgrade. */
async function connecting(path: string, protocols: string[] = [], headers: Record<string, string> = {}) {
  const socket = new WebSocket(program().url.replace('http', 'ws') + path, protocols, { headers });
  const opened = once(socket, 'message').then(([data]) => ({
    me: JSON.parse(String(data)),
    protocol: socket.protocol,
  }));
  const refused = once(socket, 'unexpected-response').then(([, answer]: IncomingMessage[]) => {
    return { status: answer?.statusCode, challenge: answer?.headers['www-authenticate'] };
  });
  try {
    return await Promise.race([opened, refused.catch(() => opened)]);
  } finally {
    socket.on('error', () => undefined);
    socket.terminate();
  }
}

const token = (claims = {}, lifetime = 300) => program().issuer.mint({ scope: 'things:read', ...claims }, { lifetime });
const alice = expect.objectContaining({ type: 'user', subject: 'alice' });

describe('ws', () => {
  test('a token in the query, in the header, or offered as a subprotocol opens the socket', async () => {
    const good = await token({ sub: 'alice' });
    expect(await connecting(`/?access_token=${good}`)).toEqual({ me: alice, protocol: '' });
    expect(await connecting('/', [], { Authorization: `Bearer ${good}` })).toEqual({ me: alice, protocol: '' });
    expect(await connecting('/', ['things.v1', `bearer.${good}`])).toEqual({ me: alice, protocol: 'things.v1' });
  });

  test('the subprotocol with the token is never the chosen one, wherever it stands', async () => {
    const good = await token({ sub: 'alice' });
    expect(await connecting('/', [`bearer.${good}`, 'things.v1'])).toEqual({ me: alice, protocol: 'things.v1' });
  });

  test('no token and an expired one are a 401 with its challenge, before there is a socket', async () => {
    expect(await connecting('/')).toEqual({ status: 401, challenge: 'Bearer realm="api"' });
    const expired = await connecting(`/?access_token=${await token({}, -3600)}`);
    expect(expired).toEqual({ status: 401, challenge: expect.stringContaining('error="invalid_token"') });
  });

  test('a missing scope is a 403, and two tokens are a 400', async () => {
    const poor = await connecting('/', ['things.v1', `bearer.${await token({ scope: 'a' })}`]);
    expect(poor).toEqual({ status: 403, challenge: expect.stringContaining('scope="things:read"') });
    const both = await connecting(`/?access_token=${await token()}`, [
      'things.v1',
      `bearer.${await token({ sub: 'b' })}`,
    ]);
    expect(both).toMatchObject({ status: 400 });
  });
});
