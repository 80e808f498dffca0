import { describe, expect, test } from '@jest/globals';
import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { afterThisTest } from '../helpers/after-this-test.js';
import type { DocsProgram } from '../helpers/docs-program.js';
import { asking, frameworkProgram } from '../helpers/framework.js';

/** What `connect_error` carries. */
type Refused = Error & { data?: { status: number; headers: Record<string, string> } };

/** What the server emits first, or what it refuses with. */
async function connecting({ url }: DocsProgram, options: Partial<ManagerOptions & SocketOptions>) {
  const socket = io(url, { ...options, reconnection: false, forceNew: true });
  afterThisTest(async () => void socket.disconnect());
  return new Promise<{ me: unknown } | { refused: Refused }>((resolve) => {
    socket.once('me', (me: unknown) => resolve({ me }));
    socket.once('connect_error', (refused) => resolve({ refused }));
  });
}

const alice = { me: expect.objectContaining({ type: 'user', subject: 'alice' }) };
const goodClaims = { sub: 'alice', scope: 'things:read' };

describe('socket.io, with the token in auth', () => {
  const program = frameworkProgram('socket.io');
  const refusedWith = (status: number, challenge: unknown) => ({
    refused: expect.objectContaining({ data: { status, headers: { 'WWW-Authenticate': challenge } } }),
  });

  test.each(['polling', 'websocket'])('a good token is let in, by %s', async (transport) => {
    const token = await program().issuer.mint(goodClaims);
    expect(await connecting(program(), { auth: { token }, transports: [transport] })).toEqual(alice);
  });

  test('none, an expired one, and one without the scope are refused with status and challenge', async () => {
    const expired = await program().issuer.mint(goodClaims, { lifetime: -3600 });
    const poor = await program().issuer.mint({ scope: 'a' });
    expect(await connecting(program(), {})).toEqual(refusedWith(401, 'Bearer realm="api"'));
    expect(await connecting(program(), { auth: { token: 42 } })).toEqual(refusedWith(401, 'Bearer realm="api"'));
    expect(await connecting(program(), { auth: { token: expired } })).toEqual(
      refusedWith(401, expect.stringContaining('error="invalid_token"')),
    );
    expect(await connecting(program(), { auth: { token: poor } })).toEqual(
      refusedWith(403, expect.stringContaining('scope="things:read"')),
    );
  });
});

describe('socket.io, with the method as middleware of the engine', () => {
  const program = frameworkProgram('socket.io', 1);
  const handshake = () => `${program().url}/socket.io/?EIO=4&transport=polling`;

  test.each(['polling', 'websocket'])('a token in the query is let in, by %s', async (transport) => {
    const query = { access_token: await program().issuer.mint(goodClaims) };
    expect(await connecting(program(), { query, transports: [transport] })).toEqual(alice);
  });

  test('a token in the header is let in', async () => {
    const extraHeaders = { Authorization: `Bearer ${await program().issuer.mint(goodClaims)}` };
    expect(await connecting(program(), { extraHeaders })).toEqual(alice);
  });

  test('the handshake without one is a 401 with its challenge, so is one that expired', async () => {
    expect(await asking(handshake())).toMatchObject({ status: 401, challenge: 'Bearer realm="api"' });
    const expired = await program().issuer.mint(goodClaims, { lifetime: -3600 });
    const answer = await asking(handshake(), expired);
    expect(answer).toMatchObject({ status: 401, challenge: expect.stringContaining('error="invalid_token"') });
  });

  test('the handshake without the scope is a 403', async () => {
    const answer = await asking(handshake(), await program().issuer.mint({ scope: 'a' }));
    expect(answer).toMatchObject({ status: 403, challenge: expect.stringContaining('scope="things:read"') });
  });

  test.each(['polling', 'websocket'])('without a token nothing connects, by %s', async (transport) => {
    expect(await connecting(program(), { transports: [transport] })).toEqual({ refused: expect.any(Error) });
  });
});
