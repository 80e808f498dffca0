import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AuthEvent, type BasicGrantOptions, jwtAuth, type SharedCache } from '../../../lib/index.js';
import { startProcess } from '../../helpers/fleet.js';
import type { GrantOrders } from '../../helpers/grant-member.js';
import { basic, granted, grantMethod, knock, refused, type TokenServer, tokenServer } from '../../helpers/grants.js';
import { accessToken, ISSUER, STRANGER_KEY, staticOptions } from '../../helpers/oidc-door.js';

const provider = await tokenServer();
const word = (name: string) => `${name}${randomBytes(9).toString('hex')}`;
const CLIENT = { id: 'gateway', secret: word('ours') };
const marker = word('marker');
const orders: GrantOrders = {
  grant: { issuer: ISSUER, tokenEndpoint: provider.url },
  verify: staticOptions(),
  backwards: [...marker].reverse().join(''),
};
const origin = await startProcess('grant-member.ts', orders);
const EACH_WAY: NonNullable<BasicGrantOptions['clientAuthentication']>[] = ['basic', 'post', 'client_secret_jwt'];

/** A text, and what becomes of it on its way. */
const traces = (id: string, secret: string): string[] => [
  secret,
  basic(id, secret).slice('Basic '.length).replace(/=+$/, ''),
  Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1),
];

/** An error and everything that hangs on it, as the most talkative of loggers would write it. */
function writtenOut(value: unknown): string {
  const seen = [inspect(value, { depth: 20, showHidden: true, getters: true })];
  for (let error = value; error instanceof Error; error = error.cause) {
    seen.push(String(error.stack), JSON.stringify(error), JSON.stringify(Object.getOwnPropertyDescriptors(error)));
  }
  return seen.join('\n');
}

describe('no secret and no token is in anything that is told:', () => {
  const written: string[] = [];
  beforeEach(() => {
    written.splice(0);
    for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const)
      jest.spyOn(console, name).mockImplementation((...said) => void written.push(inspect(said, { depth: 20 })));
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((said) => written.push(String(said)) > 0);
    process.on('warning', onWarning);
  });
  afterEach(() => {
    process.off('warning', onWarning);
    jest.restoreAllMocks();
  });
  const onWarning = (warning: Error) => void written.push(writtenOut(warning));

  const bad = word('ey');
  const answers: readonly [what: string, answer: TokenServer['answer']][] = [
    ['it is granted', () => granted()],
    ['the token is somebody else’s', () => granted({ access_token: accessToken({}, { key: STRANGER_KEY }) })],
    ['the token is no JWT', () => granted({ access_token: bad })],
    ['the token cannot be handed on', () => granted({ access_token: `${bad}\n` })],
    ['the type is unknown', () => granted({ access_token: bad, token_type: 'mac' })],
    ['there is an ID token with it', () => granted({ access_token: bad, id_token: bad, refresh_token: bad })],
    ['it is refused', () => refused('invalid_client', 401)],
    ['the error quotes what was sent', ({ form, authorization }) => refused(`${form} ${authorization}`, 400)],
    [
      'it describes what was sent',
      ({ form }) => ({ status: 400, body: { error: 'server_error', error_description: `${form}` } }),
    ],
    ['it fails with a token in its body', () => ({ status: 500, body: { access_token: bad } })],
    ['it is a page with a token in it', () => (res) => void res.end(`<p>${bad}</p>`)],
    ['it hangs up', () => (res) => void res.destroy()],
  ];

  test.each(answers)('%s', async (_what, answer) => {
    provider.answer = answer;
    for (const clientAuthentication of EACH_WAY) {
      const [id, secret] = ['reports', word('theirs')];
      const events: AuthEvent[] = [];
      const options = { clientAuthentication, client: CLIENT, onEvent: (event: AuthEvent) => void events.push(event) };
      const grant = grantMethod(provider, options);
      const door = jwtAuth({ methods: [grant], onEvent: options.onEvent });
      const authorization = basic(id, secret);
      const { headers, body } = await knock(grant, authorization);
      await knock(door, authorization);
      const thrown = await grant.authenticate({ headers: { authorization } } as never).catch((error: unknown) => error);
      const { headers: _sent, ...shown } = body;
      const told = [...events.flatMap((event) => [event, 'error' in event ? event.error : undefined]), thrown];
      const all = [...told.map(writtenOut), inspect(grant, { depth: 20, showHidden: true }), ...written];
      const everything = [...all, JSON.stringify([headers, shown])].join('\n');
      for (const trace of [...traces(id, secret), ...traces(CLIENT.id, CLIENT.secret), bad]) {
        expect(everything).not.toContain(trace);
      }
      expect(everything).not.toMatch(/eyJ[\w-]{10}/);
      expect(events.length).toBeGreaterThan(0);
    }
  });
});

test('a shared cache is given names and values without a secret in them', async () => {
  provider.answer = () => granted();
  const given: unknown[] = [];
  const cache: SharedCache = {
    get: async (key) => void given.push(key),
    set: async (...set) => void given.push(set),
    delete: async (key) => void given.push(key),
  };
  const secret = word('theirs');
  await knock(grantMethod(provider, { cache, client: CLIENT }), basic('reports', secret));
  expect(given.length).toBeGreaterThan(1);
  for (const trace of [...traces('reports', secret), CLIENT.secret, 'reports'])
    expect(JSON.stringify(given)).not.toContain(trace);
});

/** Sends credentials on a connection that ends with the answer. */
const statusOf = (origin: string, authorization?: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const headers = { connection: 'close', ...(authorization === undefined ? {} : { authorization }) };
    request(origin, { headers }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
      .on('error', reject)
      .end();
  });

/** Which of these texts stand in the heap of a process. */
async function inHeap(origin: string, texts: readonly string[]): Promise<string[]> {
  const body = (await fetch(`${origin}/heap`)).body as unknown as AsyncIterable<Uint8Array>;
  const found = new Set<string>();
  let rest = '';
  for await (const chunk of body) {
    const piece = rest + Buffer.from(chunk).toString('latin1');
    for (const text of texts) if (piece.includes(text)) found.add(text);
    rest = piece.slice(-200);
  }
  return [...found];
}

test('the heap holds no secret once the requests are over, neither as a key nor otherwise', async () => {
  const [right, wrong] = [word('right'), word('wrong')];
  provider.answer = ({ authorization }) =>
    authorization === basic('reports', right) ? granted() : refused('invalid_client', 401);
  const before = provider.asked.length;
  for (let round = 0; round < 3; round += 1) {
    expect(await statusOf(origin, basic('reports', right))).toBe(200);
    expect(await statusOf(origin, basic('reports', wrong))).toBe(401);
  }
  // Both are remembered, the one as good and the other as bad.
  expect(provider.asked.length - before).toBe(2);
  // What Node keeps of the last request is of one without credentials.
  for (let round = 0; round < 3; round += 1) expect(await statusOf(origin)).toBe(401);
  const secrets = [...traces('reports', right), ...traces('reports', wrong)];
  expect(await inHeap(origin, [marker, ...secrets])).toEqual([marker]);
});
