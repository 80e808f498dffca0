import { describe, expect, test } from '@jest/globals';
import {
  type AuthMethod,
  fromHeader,
  jwtAuth,
  oidcBearer,
  type WafTokenOptions,
  wafToken,
} from '../../../lib/index.js';
import { SERVERS } from '../../helpers/every-server.js';
import { accessToken, STRANGER_KEY, staticOptions } from '../../helpers/oidc-door.js';
import { jsonOf, rawRequest, showLeftovers } from '../../helpers/requests.js';
import { app, type Middleware } from '../../helpers/servers.js';
import { leftoversOf, requestFrom, WAF_HEADER, wafDoor, wafOptions, wafVerdict } from '../../helpers/waf.js';

const siblings = ['X-WAF-User', 'x-waf-claim-*'];
const TOKEN = [WAF_HEADER, accessToken()];
const FORGED = [WAF_HEADER, accessToken({}, { key: STRANGER_KEY })];
/** Every way to write the headers that the WAF owns. */
const SMUGGLED = [
  ...['X-WAF-User', 'admin', 'x_waf_user', 'admin', 'X-Waf_User', 'admin'],
  ...[
    'X-WAF-Claim-Email',
    'a@example.com',
    'x_waf_claim_groups',
    'admins',
    'X-WAF-CLAIM-',
    'x',
    'X_WAF-claim-a_b',
    'x',
  ],
];
const PREFLIGHT = { method: 'OPTIONS' };
const ORIGIN = ['Origin', 'https://app.example.com', 'Access-Control-Request-Method', 'GET'];
const HARMLESS = ['X-WAF-Username', 'stays', 'X-WAF-Claims', 'stays'];

type Path = [title: string, options: Partial<WafTokenOptions>, headers: readonly string[], more?: object];

const PATHS: readonly Path[] = [
  ['a request that is let in', {}, TOKEN],
  ['a refusal that the application answers', { respond: 'next' }, FORGED],
  ['a malformed header that the application answers', { respond: 'next' }, [...TOKEN, ...TOKEN]],
  ['a misspelt header that the application answers', { respond: 'next' }, [...TOKEN, 'X_Waf_Jwt', 'x']],
  ['a missing credential that the application answers', { respond: 'next' }, []],
  ['a request that needs no credential', { credentialsRequired: false }, []],
  ['an anonymous request', { anonymous: { username: 'guest' } }, []],
  ['a bad token that counts as anonymous', { anonymous: { username: 'guest', coverFailures: true } }, FORGED],
  ['a preflight that passes', { skipPreflight: true }, [...TOKEN, ...ORIGIN], PREFLIGHT],
  ['a header from an untrusted peer', { trustedPeers: ['10.0.0.0/8'], respond: 'next' }, TOKEN],
];

describe('the headers of the WAF leave', () => {
  test.each(PATHS)('%s', async (_title, options, headers, more = {}) => {
    const left = await leftoversOf(wafDoor({ siblings, ...options }), [...headers, ...SMUGGLED, ...HARMLESS], more);
    expect(left.filter((name) => /waf/i.test(name)).sort()).toEqual(['x-waf-claims', 'x-waf-username']);
  });

  test.each(PATHS)('%s, also where the method is one of several', async (_title, options, headers, more = {}) => {
    const { anonymous, credentialsRequired, skipPreflight, respond, ...own } = options;
    const defined = Object.entries({ anonymous, credentialsRequired, skipPreflight, respond });
    const door = Object.fromEntries(defined.filter(([, value]) => value !== undefined));
    const methods = [oidcBearer(staticOptions({ audience: 'another' })), wafDoor({ siblings, ...own })];
    const left = await leftoversOf(jwtAuth({ methods, ...door }), [...headers, ...SMUGGLED, ...HARMLESS], more);
    expect(left.filter((name) => /waf/i.test(name)).sort()).toEqual(['x-waf-claims', 'x-waf-username']);
  });

  test.each(SERVERS)('under %s', async (_name, make) => {
    const answer = await rawRequest(make(wafDoor({ siblings }), showLeftovers), { headers: [...TOKEN, ...SMUGGLED] });
    const { headers, rawHeaders, headersDistinct } = jsonOf(answer);
    expect(answer.status).toBe(200);
    expect(JSON.stringify({ headers, rawHeaders, headersDistinct })).not.toMatch(/waf/i);
  });

  test.each<[string, Partial<WafTokenOptions>, readonly string[]]>([
    ['where it is let in', {}, TOKEN],
    ['where it is refused', {}, FORGED],
    ['where it carries no token', {}, []],
    ['where its peer is not trusted', { trustedPeers: ['10.0.0.0/8'] }, TOKEN],
  ])('a request that is only asked about, as for a WebSocket, %s', async (_title, options, headers) => {
    for (const make of [(door: AuthMethod) => door, (door: AuthMethod) => jwtAuth({ methods: [door] })]) {
      const { authenticate } = make(wafDoor({ siblings, ...options }));
      const ask: Middleware = (req, _res, next) => void authenticate(req).then(next, next);
      const answer = await rawRequest(
        app((req, res) => ask(req, res, () => showLeftovers(req, res, () => undefined))),
        { headers: [...headers, ...SMUGGLED, ...HARMLESS] },
      );
      const names = Object.keys(jsonOf(answer).headers as object).filter((name) => /waf/i.test(name));
      expect(names.sort()).toEqual(['x-waf-claims', 'x-waf-username']);
      expect(answer.text).not.toMatch(/admin|a@example\.com/);
    }
  });

  test('and can be asked about twice', async () => {
    const method = wafDoor({ siblings });
    const req = requestFrom('127.0.0.1', { [WAF_HEADER]: accessToken(), 'x-waf-user': 'admin' });
    expect(await method.authenticate(req)).toMatchObject({ subject: 'alice' });
    expect(await method.authenticate(req)).toMatchObject({ subject: 'alice' });
    expect([req.headers, req.rawHeaders]).toEqual([{}, []]);
  });

  test('but Authorization stays, unless it is to be stripped', async () => {
    const headers = ['Authorization', `Bearer ${accessToken()}`];
    const method = wafDoor({ header: 'authorization' });
    const stripping = wafDoor({ header: 'authorization', stripCredential: true });
    expect(await leftoversOf(method, headers)).toContain('authorization');
    expect(await leftoversOf(stripping, headers)).not.toContain('authorization');
  });

  test('and even Authorization, where it comes from an untrusted peer', async () => {
    const method = wafDoor({ header: 'authorization', trustedPeers: ['10.0.0.0/8'], respond: 'next' });
    expect(await leftoversOf(method, ['Authorization', accessToken()])).not.toContain('authorization');
  });

  test('only once, so that what the first method took a second one can still read', async () => {
    const first = wafDoor();
    const second = wafDoor({ name: 'second' });
    const answer = await rawRequest(app(first, second), { headers: TOKEN });
    expect(jsonOf(answer)).toMatchObject({ principal: { method: 'second' } });
  });

  test('also where another method reads a sibling as a credential of its own', async () => {
    const partner = oidcBearer(staticOptions({ audience: 'partner', tokenFrom: fromHeader('x-waf-claim-token') }));
    const auth = jwtAuth({ methods: [wafDoor({ siblings }), partner], exposeReason: true });
    const token = accessToken({ aud: 'partner' });
    expect(await wafVerdict(auth, ['X-WAF-Claim-Token', token])).toBe(200);
    expect(await leftoversOf(auth, ['X-WAF-Claim-Token', token])).not.toContain('x-waf-claim-token');
  });
});

describe('siblings', () => {
  test.each([
    ['a star alone, which would take every header', ['*']],
    ['a star in the middle', ['x-*-claim']],
    ['two stars', ['x-**']],
    ['no header name', ['x waf']],
    ['an empty name', ['']],
    ['a text instead of a list', 'x-waf-user'],
  ])('may not be %s', (_title, wrong) => {
    const options = { ...wafOptions(), siblings: wrong as string[] };
    expect(() => wafToken(options)).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(() => wafToken(options)).toThrow(/siblings/);
  });
});
