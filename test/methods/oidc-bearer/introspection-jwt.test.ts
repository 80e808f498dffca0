import { describe, expect, test } from '@jest/globals';
import { jwtAuth } from '../../../lib/index.js';
import { ask } from '../../helpers/asking.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import {
  active,
  asking,
  INACTIVE,
  introspectionEndpoint,
  opaqueToken,
  type Wishes,
} from '../../helpers/introspection-endpoint.js';
import { apiTrusting, issuerForTest } from '../../helpers/key-journey.js';
import { accessToken, door, present, STRANGER_KEY, STRANGER_PEM, verdict } from '../../helpers/oidc-door.js';
import { inSeconds } from '../../helpers/tokens.js';

const endpoint = await introspectionEndpoint();
const ALSO = { also: 'jwt' } as const;
const alsoJwt = ({ introspection, ...options }: Wishes = {}) =>
  asking(endpoint, { introspection: { ...ALSO, ...introspection }, ...options });

async function cost(act: () => Promise<unknown>): Promise<number> {
  const before = endpoint.asked.length;
  await act();
  return endpoint.asked.length - before;
}

describe('with also: "jwt", a JWT', () => {
  test('is verified here and asked about, and its claims are those that were signed', async () => {
    endpoint.answers(active({ sub: 'mallory', scope: 'admin', aud: 'another' }));
    const token = accessToken({ scope: 'read' });
    const { status, principal } = await present(alsoJwt(), token);
    expect(status).toBe(200);
    expect(principal).toMatchObject({ subject: 'alice', scopes: ['read'], credential: { kind: 'jwt' } });
    expect(endpoint.asked.at(-1)?.token).toBe(token);
  });

  test('that is withdrawn is refused, at the latest when the last answer is too old', async () => {
    const pass = fakeClock();
    const method = alsoJwt();
    const token = accessToken({ exp: inSeconds(3600) });
    endpoint.answers(active());
    expect(await ask(method, token)).toBe('ok');
    endpoint.answers(INACTIVE);
    expect(await cost(async () => expect(await ask(method, token)).toBe('ok'))).toBe(0);
    pass(31);
    expect(await ask(method, token)).toBe('token_revoked');
    expect(await ask(alsoJwt(), token)).toBe('token_revoked');
  });

  test('that is bad is never shown to anybody', async () => {
    endpoint.answers(active());
    const method = alsoJwt();
    const refused = [
      accessToken({}, { key: STRANGER_KEY }),
      accessToken({ iss: 'https://other.example.com' }),
      accessToken({ aud: 'another' }),
      accessToken({ exp: inSeconds(-90) }),
      `${accessToken()}=`,
    ];
    const verdicts: unknown[] = [];
    const calls = await cost(async () => {
      for (const token of refused) verdicts.push(await verdict(method, token));
    });
    expect([calls, ...verdicts]).toEqual([
      0,
      'signature_invalid',
      'issuer_unknown',
      'audience_mismatch',
      'token_expired',
      'token_malformed',
    ]);
  });

  test('that the application has withdrawn itself need not be asked about', async () => {
    const calls = await cost(async () =>
      expect(await verdict(alsoJwt({ isRevoked: () => true }), accessToken())).toBe('token_revoked'),
    );
    expect(calls).toBe(0);
  });

  test('is an outage where the provider cannot be asked, also when it was verified before', async () => {
    const pass = fakeClock();
    const method = alsoJwt();
    const token = accessToken();
    endpoint.answers(active());
    expect(await ask(method, token)).toBe('ok');
    endpoint.answers({ status: 500, body: '' });
    pass(31);
    expect(await ask(method, token)).toBe('introspection_unavailable');
  });

  test.each<[what: string, members: Record<string, unknown>, code: string]>([
    ['is of another issuer', { iss: 'https://other.example.com' }, 'issuer_unknown'],
    ['is bound to a key', { cnf: { jkt: 'x' } }, 'claim_invalid'],
    ['is of the type DPoP', { token_type: 'DPoP' }, 'claim_invalid'],
    ['has ended', { exp: inSeconds(-90) }, 'token_expired'],
  ])('of which the provider says that it %s is refused', async (_what, members, code) => {
    endpoint.answers(active(members));
    expect(await verdict(alsoJwt(), accessToken())).toBe(code);
  });

  test('is let in where the provider says no more than yes', async () => {
    endpoint.answers({ body: { active: true } });
    expect(await verdict(alsoJwt({ requiredClaims: ['exp', 'sub'], maxLifetime: 600 }), accessToken())).toBe(200);
  });

  test('of another method beside it is not asked about', async () => {
    const other = 'https://other.example.com';
    const partners = door({ name: 'partners', issuer: other, publicKeys: STRANGER_PEM });
    const both = jwtAuth({ methods: [alsoJwt(), partners] });
    endpoint.answers(active());
    const token = accessToken({ iss: other }, { key: STRANGER_KEY });
    expect(await cost(async () => expect(await verdict(both, token)).toBe(200))).toBe(0);
  });
});

test('without it a JWT is verified here, and an opaque token beside it is asked about', async () => {
  endpoint.answers(active());
  const method = asking(endpoint);
  expect(await cost(async () => expect(await verdict(method, accessToken())).toBe(200))).toBe(0);
  expect(await cost(async () => expect(await verdict(method, opaqueToken())).toBe(200))).toBe(1);
});

describe('with an issuer whose document says where to ask', () => {
  const client = { id: 'test-client', secret: 'test-secret' };

  test('a token that it withdraws is refused, and the others go on', async () => {
    const issuer = await issuerForTest();
    const { get } = apiTrusting(issuer, { introspection: { client, also: 'jwt' } });
    const [bad, good] = [await issuer.mint(), await issuer.mint()];
    issuer.revoke(bad);
    expect(await get(bad)).toMatchObject({ status: 401, code: 'token_revoked' });
    expect(await get(good)).toEqual({ status: 200 });
    expect(issuer.counts).toMatchObject({ introspection: 2 });
  });

  test('nothing is fetched at creation; ready() fetches what the first token would', async () => {
    const issuer = await issuerForTest();
    const { method, get } = apiTrusting(issuer, { introspection: { client } });
    expect(issuer.counts.discovery).toBe(0);
    await method.ready();
    const { discovery } = issuer.counts;
    expect(discovery).toBeGreaterThan(0);
    expect(await get(opaqueToken())).toMatchObject({ code: 'token_revoked' });
    expect(issuer.counts).toMatchObject({ discovery, introspection: 1 });
  });

  test('ready() fails where there is no document, and health() says why', async () => {
    const issuer = await issuerForTest();
    issuer.fault('discovery', { status: 500 });
    const { method, get } = apiTrusting(issuer, { introspection: { client }, jwksUri: issuer.metadata.jwks_uri });
    await expect(method.ready()).rejects.toMatchObject({ code: 'introspection_unavailable', status: 503 });
    expect(await get(opaqueToken())).toMatchObject({ status: 503, code: 'introspection_unavailable' });
    const health = method.health().find(({ source }) => source.startsWith('introspection'));
    expect(health).toMatchObject({ source: `introspection ${issuer.url}`, lastError: { message: expect.any(String) } });
    // JWTs are verified without it.
    expect(await get(await issuer.mint())).toEqual({ status: 200 });
  });

  test('a document without the endpoint is our outage', async () => {
    const issuer = await issuerForTest();
    const { introspection_endpoint: _endpoint, ...rest } = issuer.metadata;
    issuer.fault('discovery', { body: rest });
    const { get } = apiTrusting(issuer, { introspection: { client } });
    expect(await get(opaqueToken())).toMatchObject({ status: 503, code: 'introspection_unavailable' });
  });

  test('a document of another issuer is not believed', async () => {
    const issuer = await issuerForTest();
    issuer.fault('discovery', { body: { ...issuer.metadata, issuer: 'https://other.example.com' } });
    const { get } = apiTrusting(issuer, { introspection: { client } });
    expect(await get(opaqueToken())).toMatchObject({ status: 503, code: 'introspection_unavailable' });
    expect(issuer.counts.introspection).toBe(0);
  });

  test('its own authority is enough for the endpoint too', async () => {
    const issuer = await issuerForTest({ tls: true });
    const { get } = apiTrusting(issuer, { ca: String(issuer.ca), introspection: { client } });
    expect(await get(opaqueToken())).toMatchObject({ code: 'token_revoked' });
    const untrusting = apiTrusting(issuer, { introspection: { client } });
    expect(await untrusting.get(opaqueToken())).toMatchObject({ status: 503, code: 'introspection_unavailable' });
  });
});
