import { describe, expect, test } from '@jest/globals';
import {
  type AuthMethod,
  apiKey,
  ConfigurationError,
  consumerJwt,
  fromBearer,
  fromHeader,
  jwtAuth,
  memoryApiKeys,
  oidcBearer,
} from '../../../lib/index.js';
import { howtoConsumers } from '../../helpers/front-door.js';
import { active, asking, INACTIVE, introspectionEndpoint, opaqueToken } from '../../helpers/introspection-endpoint.js';
import {
  accessToken,
  door,
  PROVIDER_PEM,
  present,
  STRANGER_KEY,
  STRANGER_PEM,
  verdict,
} from '../../helpers/oidc-door.js';
import { howtoToken, hs256 } from '../../helpers/tokens.js';

const OTHER = 'https://other.example.com';
const endpoint = await introspectionEndpoint();
const count = () => endpoint.asked.length;

/** The verdict on a token that the provider would call active, and whether it was shown to the provider. */
async function shown(method: AuthMethod, token: string): Promise<[verdict: 200 | string, wasAsked: boolean]> {
  endpoint.answers(active());
  const before = count();
  const found = await verdict(method, token);
  return [found, count() > before];
}

describe('a token is opaque', () => {
  const [header, payload, signature] = accessToken().split('.') as [string, string, string];
  test.each([
    ['a word', 'opaque'],
    ['one with a dot', 'ory_at_a-b_c.d-e_f'],
    ['one with every character there is', 'AZaz09-._~+/=='],
    ['an encrypted JWT, with its five segments', `${header}.${payload}.${signature}.${payload}.${signature}`],
    ['one of four segments', 'v4.public.abc.def'],
    ['one of a hundred', Array.from({ length: 100 }, () => 'a').join('.')],
    ['the longest', 'x'.repeat(15_000)],
  ])('%s', async (_what, token) => {
    expect(await shown(asking(endpoint), token)).toEqual([200, true]);
    expect(endpoint.asked.at(-1)?.token).toBe(token);
  });

  test.each([
    ['with a character that RFC 6750 does not have', 'opaque"', 'token_malformed'],
    ['with a comma', 'a;b', 'token_malformed'],
    ['with = inside', 'a=b', 'token_malformed'],
    ['of = alone', '=', 'token_malformed'],
    ['in another language', 'tök\u00ebn', 'token_malformed'],
  ])('and is refused unseen %s', async (_what, token, code) => {
    const method = asking(endpoint, { tokenFrom: () => token });
    expect(await shown(method, 'ignored')).toEqual([code, false]);
  });

  test('and is refused unseen above 16 KiB', async () => {
    const method = asking(endpoint, { tokenFrom: () => 'x'.repeat(16_385) });
    expect(await shown(method, 'ignored')).toEqual(['token_too_large', false]);
  });
});

describe('a token of three segments is a JWT and nothing else', () => {
  const good = accessToken();
  const [header, payload, signature] = good.split('.') as [string, string, string];
  test.each([
    ['a good one', good, 200],
    ['a forged one', accessToken({}, { key: STRANGER_KEY }), 'signature_invalid'],
    ['one without a signature', `${header}.${payload}.`, 'token_malformed'],
    ['one that is padded', `${good}=`, 'token_malformed'],
    ['one in the other base64', `${header}.${payload}.+/${signature.slice(2)}`, 'token_malformed'],
    ['one with disclosures behind it', `${good}~`, 'token_malformed'],
    ['a text with two dots', 'not.a.jwt', 'token_malformed'],
    ['two dots', '..', 'token_malformed'],
    ['one of nobody that we know', accessToken({ iss: OTHER }), 'issuer_unknown'],
    ['a symmetric one', hs256({ iss: 'https://login.example.com' }), 'algorithm_not_allowed'],
  ])('%s', async (_what, token, expected) => {
    expect(await shown(asking(endpoint), token)).toEqual([expected, false]);
  });

  test('where nobody introspects, an opaque token is malformed as ever', async () => {
    expect(await verdict(door(), 'opaque')).toBe('token_malformed');
  });
});

describe('among several methods in one place', () => {
  const keys = memoryApiKeys();
  const opaque = asking(endpoint, { name: 'opaque' });
  const partners = door({ name: 'partners', issuer: OTHER, publicKeys: STRANGER_PEM });
  const clients = consumerJwt({ name: 'clients', consumers: howtoConsumers() });
  const bearers = apiKey({ name: 'bearers', keys, tokenFrom: fromBearer() });
  const together = (...methods: AuthMethod[]) => jwtAuth({ methods, exposeReason: true });

  test.each([
    ['last', together(partners, clients, opaque)],
    ['first', together(opaque, clients, partners)],
  ])('listed %s, it has the opaque tokens and its own JWTs, and the others keep theirs', async (_where, all) => {
    endpoint.answers(active());
    const before = count();
    const names: string[] = [];
    for (const token of [accessToken(), accessToken({ iss: OTHER }, { key: STRANGER_KEY }), howtoToken()]) {
      names.push((await present(all, token)).principal.method);
    }
    expect(names).toEqual(['opaque', 'partners', 'clients']);
    expect(count()).toBe(before);
    const { principal } = await present(all, opaqueToken());
    expect(principal).toMatchObject({ method: 'opaque', credential: { kind: 'opaque' } });
    expect(await verdict(all, accessToken({ iss: 'https://nobody.example.com' }))).not.toBe(200);
    expect(count()).toBe(before + 1);
  });

  test('an opaque token that is not active is nobody’s: no other method is asked after it', async () => {
    endpoint.answers(INACTIVE);
    expect(await verdict(together(opaque, clients, partners), opaqueToken())).toBe('token_revoked');
  });

  test('an API key is never shown to the provider', async () => {
    const { key } = await keys.create({ owner: 'ci' });
    const { key: unknown } = await memoryApiKeys().create({ owner: 'somebody else' });
    for (const all of [together(opaque, bearers), together(bearers, opaque)]) {
      const before = count();
      expect((await present(all, key)).principal.method).toBe('bearers');
      expect(await verdict(all, unknown)).toBe('credential_unknown');
      expect(count()).toBe(before);
      endpoint.answers(active());
      expect((await present(all, opaqueToken())).principal.method).toBe('opaque');
    }
  });

  test('two providers to ask about one place are refused at creation: the token does not say whose it is', () => {
    const other = asking(endpoint, { name: 'other', issuer: OTHER, publicKeys: STRANGER_PEM });
    expect(() => together(opaque, other)).toThrow(ConfigurationError);
    expect(() => together(opaque, other)).toThrow(/opaque token/);
    const elsewhere = oidcBearer({
      issuer: OTHER,
      audience: null,
      publicKeys: PROVIDER_PEM,
      tokenFrom: fromHeader('x-token'),
      introspection: { client: { id: 'a', secret: 'b' }, endpoint: endpoint.url },
    });
    expect(() => together(opaque, elsewhere)).not.toThrow();
  });
});
