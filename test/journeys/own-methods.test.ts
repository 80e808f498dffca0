import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import express from 'express';
import {
  AuthError,
  defineMethod,
  ForbiddenError,
  fromCookie,
  fromQuery,
  InvalidTokenError,
  jwtAuth,
  type MethodAnswer,
  principalOf,
  requireGroups,
  requireScopes,
  type UserIdentity,
} from '../../lib/index.js';
import { accessToken, door, ISSUER } from '../helpers/oidc-door.js';
import { bearer, listening } from '../helpers/requests.js';
import { inSeconds } from '../helpers/tokens.js';

const SESSIONS = new Map([
  ['s-ann', { account: 'ann', groups: ['staff'], email: 'ann@example.com' }],
  ['s-bob', { account: 'bob', groups: [], email: 'bob@example.com' }],
]);

/** What an application has of its own: a cookie that names a record. */
const session = defineMethod({
  name: 'session',
  tokenFrom: fromCookie('sid'),
  async verify(sid, { method = 'GET', headers }): Promise<MethodAnswer> {
    const found = SESSIONS.get(sid);
    if (found === undefined) return undefined;
    if (method !== 'GET' && headers['sec-fetch-site'] !== 'same-origin') throw new ForbiddenError('cross_site_request');
    const { account, groups, email } = found;
    return { type: 'user', groups, identity: { subject: account, email, emailVerified: true } };
  },
});

const SECRET = 'a secret that signs links';
const macOf = (text: string) => createHmac('sha256', SECRET).update(text).digest();

/** A link that whoever has it may follow for a while: path and end, under an HMAC. */
function signedLink(path: string, until: number): string {
  const unsigned = `${path}?until=${until}`;
  return `${unsigned}&signature=${macOf(unsigned).toString('base64url')}`;
}

const link = defineMethod({
  name: 'link',
  tokenFrom: fromQuery('signature'),
  claims: (signature) => (/^[\w-]{43}$/.test(signature) ? 'mine' : 'no'),
  verify(signature, { url = '' }) {
    const unsigned = url.replace(/&signature=.*$/, '');
    if (!timingSafeEqual(macOf(unsigned), Buffer.from(signature, 'base64url')))
      throw new InvalidTokenError('signature_invalid');
    const until = Number(new URLSearchParams(unsigned.replace(/^.*\?/, '')).get('until'));
    if (until < Date.now() / 1000) throw new InvalidTokenError('token_expired');
    return { type: 'client', id: unsigned, scopes: ['read'], credential: { expiresAt: new Date(until * 1000) } };
  },
});

const people: UserIdentity[] = [];
beforeEach(() => void people.splice(0));

const auth = jwtAuth({
  methods: [session, link, door()],
  users(identity) {
    people.push(identity);
    return { id: `user-${identity.subject}` };
  },
  exposeReason: true,
});

function application(): RequestListener {
  const app = express();
  app.use(auth);
  app.get('/me', (req, res) => void res.json(principalOf(req)));
  app.post('/me', (req, res) => void res.json(principalOf(req)));
  app.get('/staff', requireGroups('staff'), (_req, res) => void res.send('staff'));
  app.get('/files/:name', requireScopes('read'), (req, res) => void res.send(`file ${req.params.name}`));
  return app as unknown as RequestListener;
}

const { server, port } = await listening(application());
afterAll(() => void server.close().closeAllConnections());

server.on('upgrade', (req: IncomingMessage, socket: Socket) => {
  const answer = (line: string) => socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  auth
    .authenticate(req)
    .then((principal) => answer(principal === undefined ? '401 nobody' : `200 ${principal.id}`))
    .catch((error: unknown) => answer(AuthError.is(error) ? `${error.status} ${error.code}` : '500 not ours'));
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, headers });

/** What an upgrade is answered with. */
async function upgrade(headers: Record<string, string>, path = '/'): Promise<string> {
  const asked = httpRequest({ port, path, headers: { ...headers, Connection: 'Upgrade', Upgrade: 'websocket' } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return `${answer.statusCode} ${answer.statusMessage}`;
}

const ANN = { Cookie: 'theme=dark; sid=s-ann' };

test('a session, a link and a token of the provider are one principal each, behind one jwtAuth', async () => {
  expect(await (await get('/me', ANN)).json()).toMatchObject({
    type: 'user',
    id: 'user-ann',
    method: 'session',
    issuer: 'session',
    subject: 'ann',
    email: 'ann@example.com',
    user: { id: 'user-ann' },
  });
  const token = { Authorization: bearer(accessToken()) };
  expect(await (await get('/me', token)).json()).toMatchObject({ method: 'oidcBearer', id: 'user-alice' });
  expect(await (await get(signedLink('/me', inSeconds(60)))).json()).toMatchObject({ type: 'client', method: 'link' });
  expect(people.map(({ issuer, subject, email }) => [issuer, subject, email])).toEqual([
    ['session', 'ann', 'ann@example.com'],
    [ISSUER, 'alice', undefined],
  ]);
  await get('/me', ANN);
  expect(people).toHaveLength(2);
});

test('guards ask of all of them what they ask of anybody', async () => {
  expect((await get('/staff', ANN)).status).toBe(200);
  expect((await get('/staff', { Cookie: 'sid=s-bob' })).status).toBe(403);
  expect(await (await get(signedLink('/files/a', inSeconds(60)))).text()).toBe('file a');
  expect((await get('/files/a', ANN)).status).toBe(403);
});

test('each of them refuses in the form of all', async () => {
  const code = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
  expect(await code(await get('/me'))).toEqual([401, 'credentials_missing']);
  expect(await code(await get('/me', { Cookie: 'sid=s-nobody' }))).toEqual([401, 'credential_unknown']);
  expect(await code(await get('/me', ANN, 'POST'))).toEqual([403, 'cross_site_request']);
  expect((await get('/me', { ...ANN, 'Sec-Fetch-Site': 'same-origin' }, 'POST')).status).toBe(200);
  expect(await code(await get(signedLink('/files/a', inSeconds(-60))))).toEqual([401, 'token_expired']);
  const moved = signedLink('/files/a', inSeconds(60)).replace('/files/a', '/files/b');
  expect(await code(await get(moved))).toEqual([401, 'signature_invalid']);
});

test('a link in the URL keeps its answers out of caches, and itself out of Referer', async () => {
  const { headers } = await get(signedLink('/files/a', inSeconds(60)));
  expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
});

test('every credential must be good, and the first method in the list says who it is', async () => {
  const forged = { ...ANN, Authorization: bearer(`${accessToken().slice(0, -6)}AAAAAA`) };
  expect((await get('/me', forged)).status).toBe(401);
  const both = { ...ANN, Authorization: bearer(accessToken()) };
  expect(await (await get('/me', both)).json()).toMatchObject({ method: 'session' });
});

test('an upgrade is asked by authenticate, which answers nothing by itself', async () => {
  expect(await upgrade(ANN)).toBe('200 user-ann');
  expect(await upgrade({})).toBe('401 nobody');
  expect(await upgrade({ Cookie: 'sid=s-nobody' })).toBe('401 credential_unknown');
  expect(await upgrade({}, signedLink('/live', inSeconds(60)))).toMatch(/^200 \/live\?until=/);
});
