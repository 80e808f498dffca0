import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  type Algorithm,
  type AuthMethod,
  apiKey,
  type ClaimMapping,
  consumerJwt,
  jwtAuth,
  localToken,
  memoryApiKeys,
  type Principal,
  type SharedCache,
  wafPresets,
} from '../../lib/index.js';
import { fromConduktor, fromConsul, fromKong, fromZitadel } from '../../lib/migrate/index.js';
import { authMethod, CORP_KEY, corpClaims } from '../helpers/consul.js';
import { howtoConsumers } from '../helpers/front-door.js';
import { basic, granted, grantMethod, tokenServer } from '../helpers/grants.js';
import { active, asking, CLIENT, introspectionEndpoint, opaqueToken } from '../helpers/introspection-endpoint.js';
import { localOptions } from '../helpers/local.js';
import { accessClaims, door, ISSUER, jwkOf, PROVIDER_KEY, pemOf } from '../helpers/oidc-door.js';
import { carrying } from '../helpers/remembering.js';
import { bearer, listening } from '../helpers/requests.js';
import { segment, signature, signed } from '../helpers/signing.js';
import { HOWTO, hs256, inSeconds } from '../helpers/tokens.js';
import { sendTo, WAF_HEADER, wafDoor } from '../helpers/waf.js';
import { everyProduct, PRODUCT_NAMES } from '../helpers/waf-products.js';
import { ZITADEL_HEADER } from '../helpers/zitadel.js';

const server = await tokenServer();
const endpoint = await introspectionEndpoint();

/** A number with more digits than a double has, and one that a double writes in another way. */
const BIG = '12345678901234567890';
const PRICE = '1.10';

/** JSON with numbers that no parser keeps, put in front of whatever else stands in a token or an answer. */
const withNumbers = (claims: object) =>
  JSON.stringify(claims).replace(
    '{',
    `{"account":${BIG},"preferred_username":${BIG},"price":${PRICE},"org":{"ids":[{"id":${BIG}}]},"ids":["a",${BIG},7,${PRICE}],`,
  );

const CLAIMS: ClaimMapping = {
  attributes: { account: 'account', price: 'price', org: '/org/ids/0/id', second: ['ids', '1'] },
  lists: { ids: 'ids', one: 'account' },
};

/** What every method makes of them. */
const EXACT = {
  attributes: { account: BIG, price: PRICE, org: BIG, second: BIG },
  listAttributes: { ids: ['a', BIG, '7', PRICE], one: [BIG] },
};

type Sent = Promise<{ readonly status: number; readonly principal?: Principal | null }>;

const show = (method: AuthMethod, token: string): Sent => sendTo(method, ['Authorization', bearer(token)]);

/** Twice, because a token that comes again is answered from memory. */
async function expectExact(send: () => Sent, expected: object = EXACT): Promise<void> {
  for (const time of ['first', 'second', 'third']) {
    const { status, principal } = await send();
    expect({ time, status, principal }).toMatchObject({ time, status: 200, principal: expected });
  }
}

/** An issuer of this test's own, because no library signs what no parser keeps. */
const issuer = await (async () => {
  const { server, port } = await listening((req, res) => {
    const url = `http://127.0.0.1:${port}`;
    const isKeys = req.url === '/jwks';
    const keys = [jwkOf(createPublicKey(PROVIDER_KEY), { kid: '1', alg: 'ES256' })];
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(isKeys ? { keys } : { issuer: url, jwks_uri: `${url}/jwks` }));
  });
  afterAll(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${port}`;
  const claimsOf = (claims: object) => ({ ...accessClaims(), iss: url, ...claims });
  const token = (claims: object = {}) => signed('ES256', PROVIDER_KEY, withNumbers(claimsOf(claims)), { kid: '1' });
  return { url, token };
})();

const oidcToken = (claims: Record<string, unknown> = {}) =>
  signed('ES256', PROVIDER_KEY, withNumbers(accessClaims(claims)));

describe('every digit that was signed reaches attributes, lists and what stands below a pointer', () => {
  test('with consumerJwt, the subject and the groups too', async () => {
    const claims = { ...CLAIMS, subject: 'account', groups: 'ids' };
    const method = consumerJwt({ consumers: howtoConsumers(), claims });
    const token = hs256(withNumbers({ iss: HOWTO.key, exp: inSeconds(300) }));
    await expectExact(() => show(method, token), { ...EXACT, subject: BIG, groups: ['a', BIG, '7', PRICE] });
  });

  test('with oidcBearer, alone and among others', async () => {
    const [alone, token] = [door({ claims: CLAIMS }), oidcToken()];
    await expectExact(() => show(alone, token));
    const among = jwtAuth({ methods: [consumerJwt({ consumers: howtoConsumers() }), door({ claims: CLAIMS })] });
    await expectExact(() => show(among, token));
  });

  test('with oidcBearer that leaves API keys out of the claims', async () => {
    const apiKeys = memoryApiKeys();
    const [plain, method] = [oidcToken({ apikey: undefined }), door({ claims: CLAIMS, apiKeys })];
    await expectExact(() => show(method, plain));
  });

  test('with basicGrant, out of the token that was got', async () => {
    server.answer = () => granted({ access_token: oidcToken() });
    const method = grantMethod(server, { verify: door({ claims: CLAIMS }) });
    await expectExact(() => sendTo(method, ['Authorization', basic('id', 'a secret')]));
  });

  test('with localToken, which carries on what another method mapped', async () => {
    const local = localToken(localOptions());
    const principal = await door({ claims: CLAIMS }).authenticate(carrying(oidcToken()));
    const { token } = await local.issue(principal as Principal);
    await expectExact(() => show(local, token));
  });

  test('with wafToken', async () => {
    const [method, token] = [wafDoor({ claims: CLAIMS }), oidcToken()];
    await expectExact(() => sendTo(method, [WAF_HEADER, token]));
  });
});

/** Keys of a test, by the algorithms that products sign with. */
const OWN_KEYS: Readonly<Partial<Record<Algorithm, { privateKey: KeyObject; publicKey: KeyObject }>>> = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

describe.each(PRODUCT_NAMES)('with the preset %s, in the dialect of the product', (name) => {
  const product = everyProduct();

  test('every digit', async () => {
    const { simulator } = product(name);
    const [head = '', body = ''] = (await simulator.token()).split('.');
    const textOf = (part: string) => Buffer.from(part, 'base64url').toString();
    const { alg } = JSON.parse(textOf(head)) as { alg: Algorithm };
    const keys = OWN_KEYS[alg];
    if (keys === undefined) throw new Error(`no key for ${alg}`);
    const padded = head.endsWith('=') || body.endsWith('=');
    const written = (bytes: string | Buffer) => {
      const text = segment(bytes);
      return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
    };
    const input = `${written(textOf(head))}.${written(withNumbers({ ...JSON.parse(textOf(body)), preferred_username: undefined }))}`;
    const token = `${input}.${written(signature(alg, keys.privateKey, input))}`;
    const { jwksUri: _jwksUri, pemPerKid: _pemPerKid, ...own } = simulator.options;
    // Cast: the name alone tells whose options they are.
    const make = wafPresets[name] as (options: object) => AuthMethod;
    const method = make({ ...own, publicKeys: pemOf(keys.publicKey), claims: CLAIMS });
    await expectExact(() => sendTo(method, [simulator.header, token]));
  });
});

describe('with an opaque token, out of what its provider says', () => {
  const mapped = { claims: CLAIMS };

  test('every digit', async () => {
    endpoint.answers({ body: withNumbers(active().body as object) });
    const [method, token] = [asking(endpoint, mapped), opaqueToken()];
    await expectExact(() => show(method, token));
  });

  test('every digit where the answer is signed', async () => {
    const answer = { iss: ISSUER, aud: CLIENT.id, iat: inSeconds(0) };
    endpoint.answers(() => {
      const said = withNumbers(active().body as object);
      const payload = JSON.stringify({ ...answer, token_introspection: 0 }).replace(/0}$/, `${said}}`);
      const body = signed('ES256', PROVIDER_KEY, payload, { typ: 'token-introspection+jwt' });
      return { headers: { 'content-type': 'application/token-introspection+jwt' }, body };
    });
    const [method, token] = [asking(endpoint, mapped), opaqueToken()];
    await expectExact(() => show(method, token));
  });

  test.each(['plain', 'signed'])('every digit where a %s answer repeats the token, in every process', async (form) => {
    const token = opaqueToken();
    endpoint.answers(() => {
      // In front of the list, so that its items move.
      const said = withNumbers({ ...(active().body as object), jti: token }).replace('["a"', `["${token}","a"`);
      if (form === 'plain') return { body: said };
      const frame = JSON.stringify({ iss: ISSUER, aud: CLIENT.id, iat: inSeconds(0), token_introspection: 0 });
      const body = signed('ES256', PROVIDER_KEY, frame.replace(/0}$/, `${said}}`), { typ: 'token-introspection+jwt' });
      return { headers: { 'content-type': 'application/token-introspection+jwt' }, body };
    });
    const before = endpoint.asked.length;
    const shared = new Map<string, string>();
    const cache: SharedCache = {
      get: async (key) => shared.get(key),
      set: async (key, value) => void shared.set(key, value),
      delete: async (key) => void shared.delete(key),
    };
    const lists = { ids: 'ids', one: 'account' };
    const attributes = { account: 'account', price: 'price', org: '/org/ids/0/id', second: '/ids/1' };
    for (const _process of [1, 2]) {
      const method = asking(endpoint, { claims: { attributes, lists }, introspection: { cache } });
      await expectExact(() => show(method, token));
    }
    expect(endpoint.asked.length - before).toBe(1);
    expect([...shared.values()].join()).not.toContain(token);
  });
});

describe('every digit after a move', () => {
  test('from Consul', async () => {
    const mappings = {
      ClaimMappings: { account: 'account', price: 'price', '/org/ids/0/id': 'org', '/ids/1': 'second' },
      ListClaimMappings: { ids: 'ids', account: 'one' },
    };
    const { methods } = await fromConsul(authMethod(mappings));
    const token = signed('RS256', CORP_KEY, withNumbers(corpClaims()));
    await expectExact(() => show(jwtAuth({ methods }), token));
  });

  test('from Conduktor, whose tokens are read without their API key', async () => {
    const sso = { sso: { 'jwt-auth': { issuer: issuer.url, 'groups-claim': 'ids' } } };
    const [method] = (await fromConduktor(sso)).methods;
    const token = issuer.token({ email: 'ann@example.com', apikey: 'a key' });
    await expectExact(() => show(method as AuthMethod, token), { groups: ['a', BIG, '7', PRICE] });
  });

  test("from Kong's openid-connect", async () => {
    const config = { issuer: issuer.url, auth_methods: ['bearer'] };
    const { methods } = await fromKong({ plugins: [{ name: 'openid-connect', config }] });
    const token = issuer.token();
    await expectExact(() => show(methods[0] as AuthMethod, token), { username: BIG });
  });

  test('from ZITADEL', async () => {
    const { methods } = await fromZitadel({
      name: 'portal',
      issuer: issuer.url,
      jwtEndpoint: 'https://portal.example.com/jwt',
      keysEndpoint: `${issuer.url}/jwks`,
      headerName: ZITADEL_HEADER,
    });
    const token = issuer.token();
    await expectExact(() => sendTo(methods[0] as AuthMethod, [ZITADEL_HEADER, token]), { username: BIG });
  });
});

test('an API key has no numbers to lose, and passes beside them', async () => {
  const keys = memoryApiKeys();
  const { key } = await keys.create({ owner: 'ann' });
  const { status } = await sendTo(apiKey({ keys }), ['X-Api-Key', key]);
  expect(status).toBe(200);
});
