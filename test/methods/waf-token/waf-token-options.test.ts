import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, jwtAuth, oidcBearer, wafToken } from '../../../lib/index.js';
import { given } from '../../helpers/loose.js';
import { staticOptions } from '../../helpers/oidc-door.js';
import { wafDoor, wafOptions } from '../../helpers/waf.js';

/** Makes the method with options that no type would allow. */
const make = (options: Record<string, unknown>) => () => wafToken(given<never>({ ...wafOptions(), ...options }));

describe('wafToken refuses at creation', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
  ])('%s instead of options', (_title, options) => {
    expect(() => wafToken(options as never)).toThrow(ConfigurationError);
  });

  test.each([
    ['no issuer', { issuer: undefined }, /wafToken\.issuer: is required/],
    ['an empty issuer', { issuer: '' }, /wafToken\.issuer/],
    ['no audience', { audience: undefined }, /wafToken\.audience: is required.*null/],
    ['an empty list of audiences', { audience: [] }, /wafToken\.audience/],
    ['an empty header', { header: '' }, /wafToken\.header/],
    ['a header that is none', { header: 'x waf' }, /wafToken\.header/],
    ['a header with a star, which is for siblings', { header: 'x-*' }, /wafToken\.header/],
    ['a header that is no text', { header: ['x'] }, /wafToken\.header/],
    ['a shared secret', { algorithms: ['HS256'] }, /HS256 signs with a shared secret/],
    ['two places of keys', { jwksUri: 'https://waf.example.com/keys' }, /jwksUri and publicKeys/],
    ['no key that could verify', { algorithms: ['RS256'] }, /fits none of the algorithms/],
    ['an issuer that cannot be discovered', { publicKeys: undefined, issuer: 'waf' }, /wafToken\.issuer/],
    ['keys over plain http', { publicKeys: undefined, jwksUri: 'http://waf.example.com/keys' }, /https/],
    ['a tolerance of ten minutes', { clockTolerance: 600 }, /wafToken\.clockTolerance/],
    ['an age of nothing', { maxAge: 0 }, /wafToken\.maxAge/],
    ['an age that is no number', { maxAge: '1h' }, /wafToken\.maxAge/],
    [
      'anonymous requests that need a credential',
      { anonymous: { username: 'a' }, credentialsRequired: true },
      /anonymous/,
    ],
  ])('%s', (_title, options, message) => {
    expect(make(options)).toThrow(ConfigurationError);
    expect(make(options)).toThrow(message);
  });

  test.each([
    ['headerName', 'header'],
    ['keysEndpoint', 'jwksUri'],
    ['jwks_uri', 'jwksUri'],
    ['issuerBaseURL', 'issuer'],
    ['authRequired', 'credentialsRequired'],
    ['trustedProxies', 'trustedPeers'],
    ['trustedPeer', 'trustedPeers'],
    ['maxTokenAge', 'maxAge'],
    ['pem_per_kid', 'pemPerKid'],
  ])('%s, and says that %s is meant', (name, meant) => {
    expect(make({ [name]: 'x' })).toThrow(`wafToken.${name}: unknown option; did you mean "${meant}"?`);
  });

  test('options of other methods', () => {
    expect(make({ consumers: {} })).toThrow(/unknown option; known options: .*header.*trustedPeers/);
    expect(make({ tokenProfile: 'any' })).toThrow(/unknown option/);
    expect(make({ tenants: ['a'] })).toThrow(/unknown option/);
  });

  test('unsigned headers, which are nobody’s word', () => {
    expect(make({ unsigned: true })).toThrow(/unknown option/);
  });
});

describe('wafToken', () => {
  test('tells oidcBearer’s users what their option is called', () => {
    expect(() => oidcBearer({ ...staticOptions(), header: 'x' } as never)).toThrow(/did you mean "tokenFrom"/);
  });

  test('does no I/O at creation, and is an auth method', async () => {
    const method = wafToken({ issuer: 'https://waf.invalid', audience: 'app' });
    expect(method.name).toBe('wafToken');
    expect(method.health()).toEqual([{ source: 'https://waf.invalid', keyCount: 0 }]);
    await method.close();
  });

  test('must be reachable among others', () => {
    expect(() => jwtAuth({ methods: [wafDoor(), wafDoor({ name: 'second' })] })).toThrow(/could never be asked/);
    expect(() => jwtAuth({ methods: [wafDoor(), wafDoor({ name: 'second', header: 'x-other' })] })).not.toThrow();
  });

  test('never writes to what it was given', () => {
    const frozen = Object.freeze({
      ...wafOptions(),
      trustedPeers: Object.freeze(['127.0.0.1']),
      siblings: Object.freeze(['X-A']),
    });
    expect(() => wafToken(frozen)).not.toThrow();
  });
});
