import { describe, expect, test } from '@jest/globals';
import {
  consumerJwt,
  jwtAuth,
  localToken,
  memoryConsumers,
  memoryRevocations,
  type OidcBearerOptions,
  oidcBearer,
  wafToken,
} from '../../../lib/index.js';
import { ask } from '../../helpers/asking.js';
import { given } from '../../helpers/loose.js';
import { AUDIENCE, accessToken, door, ISSUER, PROVIDER_PEM, present, verdict } from '../../helpers/oidc-door.js';
import { HOWTO, howtoToken } from '../../helpers/tokens.js';

const nameless = (options: object = {}) => door({ issuer: null, as: 'pf', ...options });
const token = (claims: object = {}) => accessToken({ iss: undefined, ...claims });

describe('tokens without an issuer', () => {
  test('are known by the name that was said aloud', async () => {
    const { principal } = await present(nameless(), token());
    expect(principal).toMatchObject({ id: 'pf|alice', issuer: 'pf', subject: 'alice', type: 'user' });
    expect(principal.claims).not.toHaveProperty('iss');
  });

  test.each([[ISSUER], ['pf'], ['']])('are no tokens with the issuer %j', async (iss) => {
    expect(await verdict(nameless(), accessToken({ iss }))).toBe('issuer_unknown');
  });

  test('are no tokens whose issuer is no text', async () => {
    for (const iss of [null, 7]) expect(await verdict(nameless(), accessToken({ iss }))).toBe('claim_invalid');
  });

  test('are nobody’s where every method names an issuer', async () => {
    expect(await verdict(door(), token())).toBe('claim_missing');
  });

  test('are revoked by that name', async () => {
    const revocations = memoryRevocations();
    const method = nameless({ isRevoked: revocations.check });
    await revocations.revokeSubject({ issuer: 'pf', subject: 'alice' });
    expect(await verdict(method, token({ iat: Math.floor(Date.now() / 1000) - 5 }))).toBe('token_revoked');
  });

  test('are the method’s in wafToken as well', async () => {
    const options = { issuer: null, as: 'waf', audience: AUDIENCE, publicKeys: PROVIDER_PEM, exposeReason: true };
    expect((await present(wafToken(options), token())).principal.issuer).toBe('waf');
  });
});

describe('in jwtAuth', () => {
  const consumers = memoryConsumers([{ username: 'jsmith', credentials: [{ key: HOWTO.key, secret: HOWTO.secret }] }]);

  test('each token finds its method, with an issuer or without', async () => {
    const methods = [consumerJwt({ consumers }), nameless({ name: 'nameless' }), door({ name: 'named' })];
    const all = jwtAuth({ methods, exposeReason: true });
    expect((await present(all, token())).principal.method).toBe('nameless');
    expect((await present(all, accessToken())).principal.method).toBe('named');
    expect((await present(all, howtoToken())).principal.method).toBe('consumerJwt');
    expect(await verdict(jwtAuth({ methods: methods.slice(1), exposeReason: true }), accessToken({ iss: 'x' }))).toBe(
      'issuer_unknown',
    );
  });

  test('two are told apart by their audiences only', async () => {
    const both = jwtAuth({ methods: [nameless({ audience: 'a' }), nameless({ audience: 'b', as: 'other' })] });
    expect(await ask(both, token({ aud: 'b' }))).toBe('ok');
    expect(() => jwtAuth({ methods: [nameless(), nameless({ as: 'other' })] })).toThrow(/could never be asked/);
  });

  test('the name is no other issuer’s', () => {
    const local = localToken({ issuer: 'pf', keys: [{ kid: '1', algorithm: 'HS256', secret: 'x'.repeat(32) }] });
    for (const other of [door({ issuer: 'pf', audience: 'b' }), door({ issuer: ['a', 'pf'], audience: 'b' }), local]) {
      expect(() => jwtAuth({ methods: [nameless(), other] })).toThrow(/issuer name "pf"/);
      expect(() => jwtAuth({ methods: [other, nameless()] })).toThrow(/issuer name "pf"/);
    }
  });
});

describe('wrong options', () => {
  const publicKeys = PROVIDER_PEM;
  test.each<[object, RegExp]>([
    [{ issuer: null, publicKeys }, /oidcBearer\.as: is required/],
    [{ issuer: null, as: undefined, publicKeys }, /oidcBearer\.as: is required/],
    [{ issuer: null, as: '', publicKeys }, /oidcBearer\.as: expects a non-empty string/],
    [{ issuer: undefined, as: 'pf', publicKeys }, /oidcBearer\.issuer.*environment variable/],
    [{ as: 'pf', publicKeys }, /oidcBearer\.issuer/],
    [{ issuer: ISSUER, as: 'pf', publicKeys }, /oidcBearer\.as: goes with issuer: null/],
    [{ issuer: null, as: 'pf' }, /keys cannot be discovered/],
    [{ issuer: null, as: ISSUER }, /keys cannot be discovered/],
    [{ issuer: null, as: 'pf', discovery: { url: `${ISSUER}/doc` } }, /oidcBearer\.discovery/],
    [{ issuer: null, as: 'pf', tenants: ['a'], publicKeys }, /oidcBearer\.tenants/],
    [{ issuer: [null], publicKeys }, /oidcBearer\.issuer/],
    [
      { issuer: null, as: ISSUER, publicKeys, introspection: { client: { id: 'a', secret: 'b' } } },
      /introspection\.endpoint: is required/,
    ],
  ])('number %# is refused, with what to write', (options, reason) => {
    // As JavaScript passes them.
    const wrong = { audience: AUDIENCE, ...options } as unknown as OidcBearerOptions;
    expect(() => oidcBearer(wrong)).toThrow(reason);
  });

  test('a secret is a source of keys, also where the name looks like an address', async () => {
    const options = { issuer: null, as: ISSUER, audience: AUDIENCE, secret: 'x'.repeat(32) };
    expect(() => oidcBearer(given(options))).not.toThrow();
  });
});
