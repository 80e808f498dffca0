import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type BasicGrantOptions, basicGrant, ConfigurationError, jwtAuth } from '../../../lib/index.js';
import { certificateAuthority } from '../../helpers/certificate-authority.js';
import { door, ISSUER } from '../../helpers/oidc-door.js';

const CLIENT = { id: 'gateway', secret: 'g' };
const { ca, server } = certificateAuthority();
const sound: BasicGrantOptions = { issuer: ISSUER, verify: door() };
const password = { grants: ['password'] } as const;
const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;
const pem = rsa(2048).export({ type: 'pkcs8', format: 'pem' }).toString();

const withCertificate = (certificate: object) => ({ id: 'g', authentication: 'tls_client_auth', certificate });

/** What it says of options that cannot be right; with the option that it names. */
function complaint(options: unknown): string {
  try {
    basicGrant(options as BasicGrantOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'none';
}

describe('is refused at the start:', () => {
  test.each<[problem: RegExp, options: Record<string, unknown>]>([
    [/^basicGrant\.issuer: is undefined: is the environment variable set/, { issuer: undefined }],
    [/^basicGrant\.issuer: is not a URL/, { issuer: 'login' }],
    [/^basicGrant\.issuer: must be an https URL/, { issuer: 'http://login.example.com' }],
    [/^basicGrant\.issuer: is the address of its document/, { issuer: `${ISSUER}/.well-known/openid-configuration` }],
    [/^basicGrant\.issuer: must not have a query/, { issuer: `${ISSUER}?a` }],
    [/^basicGrant\.verify: is required: .*oidcBearer/, { verify: undefined }],
    [/^basicGrant\.verify/, { verify: { audience: 'x' } }],
    [/^basicGrant\.verify/, { verify: jwtAuth({ methods: [door()] }) }],
    [/^basicGrant\.verify/, { verify: basicGrant(sound) }],
    [/^basicGrant\.grants/, { grants: [] }],
    [/^basicGrant\.grants/, { grants: 'password' }],
    [/^basicGrant\.grants/, { grants: ['implicit'] }],
    [/^basicGrant\.grants/, { grants: ['client_credentials', 'client_credentials'] }],
    [/^basicGrant\.client: is required with the grant password/, password],
    [/^basicGrant\.clientAuthentication: expects one of basic, post/, { clientAuthentication: 'header' }],
    [/^basicGrant\.clientAuthentication: .*client_secret_jwt$/, { clientAuthentication: 'private_key_jwt' }],
    [/^basicGrant\.clientAuthentication/, { clientAuthentication: 'none' }],
    [/^basicGrant\.scopes/, { scopes: ['a', 1] }],
    [/^basicGrant\.audience/, { audience: [''] }],
    [/^basicGrant\.resource/, { resource: 1 }],
    [/^basicGrant\.cache/, { cache: 'redis' }],
    [/^basicGrant\.cache/, { cache: null }],
    [/^basicGrant\.cache\.maxttl: unknown option; did you mean "maxTtl"/, { cache: { maxttl: 1 } }],
    [/^basicGrant\.cache\.maxTtl/, { cache: { maxTtl: 0 } }],
    [/^basicGrant\.cache\.maxTtl/, { cache: { maxTtl: 86_401 } }],
    [
      /^basicGrant\.cache\.shared: .*set\(\)/,
      {
        cache: {
          shared: new (class {
            get() {}
          })(),
        },
      },
    ],
    [/^basicGrant\.cache\.shared: .*delete\(\)/, { cache: { get() {}, set() {} } }],
    [/^basicGrant\.attemptLimit/, { attemptLimit: true }],
    [/^basicGrant\.attemptLimit\.perMinute/, { attemptLimit: { perMinute: 0 } }],
    [/^basicGrant\.attemptLimit\.perMinute/, { attemptLimit: {} }],
    [/^basicGrant\.attemptLimit\.perMinute/, { attemptLimit: { perMinute: Number.POSITIVE_INFINITY } }],
    [/^basicGrant\.forwardToken/, { forwardToken: 'yes' }],
    [/^basicGrant\.stripCredential: contradicts forwardToken/, { stripCredential: true, forwardToken: true }],
    [/^basicGrant\.tokenFrom/, { tokenFrom: [] }],
    [/^basicGrant\.discovery/, { discovery: `${ISSUER}/doc` }],
    [/^basicGrant\.discovery\.uri: unknown option; known options: url/, { discovery: { uri: ISSUER } }],
    [/^basicGrant\.discovery\.url/, { discovery: { url: 'http://login.example.com/doc' } }],
    [/^basicGrant\.discovery: contradicts/, { discovery: { url: ISSUER }, tokenEndpoint: `${ISSUER}/token` }],
    [/^basicGrant\.tokenEndpoint/, { tokenEndpoint: 'http://login.example.com/token' }],
    [/^basicGrant\.tokenEndpoint/, { tokenEndpoint: 'https://user:pass@login.example.com/token' }],
    [/^basicGrant\.ca: expects PEM/, { ca: 'x' }],
    [/^basicGrant\.dangerouslyAllowHttp/, { dangerouslyAllowHttp: 1 }],
    [/^basicGrant\.isSecure/, { isSecure: true }],
    [/^basicGrant\.dangerouslyAllowPlainHttp/, { dangerouslyAllowPlainHttp: 'yes' }],
    [/^basicGrant\.dangerouslyAllowPlainHttp: contra/, { dangerouslyAllowPlainHttp: true, isSecure: () => true }],
    [/^basicGrant\.jwksUri: .*given as verify/, { jwksUri: ISSUER }],
    [/^basicGrant\.claims: .*given as verify/, { claims: {} }],
    [/^basicGrant\.validators: .*given as verify/, { validators: () => true }],
    [/^basicGrant\.scope: .*"scopes"/, { scope: 'a' }],
    [/^basicGrant\.token_endpoint: .*"tokenEndpoint"/, { token_endpoint: ISSUER }],
    [/^basicGrant\.auth_methods: .*"grants"/, { auth_methods: [] }],
    [/^basicGrant\.client_id: .*"client.id"/, { client_id: 'x' }],
    [/^basicGrant\.authRequired: .*"credentialsRequired"/, { authRequired: true }],
  ])('%s', (problem, options) => {
    expect(complaint({ ...sound, ...options })).toMatch(problem);
  });

  test.each([undefined, null, 1, []])('%p in place of options', (options) => {
    expect(complaint(options)).toMatch(/^basicGrant: expects an options object/);
  });
});

describe('a client of our own that cannot be right:', () => {
  test.each<[problem: RegExp, client: unknown]>([
    [/^basicGrant\.client: expects/, 'gateway'],
    [/^basicGrant\.client\.id/, { secret: 'g' }],
    [/^basicGrant\.client\.secret: is required/, { id: 'gateway' }],
    [/^basicGrant\.client\.secret: expects/, { id: 'gateway', secret: '' }],
    [/^basicGrant\.client\.authentication/, { ...CLIENT, authentication: 'kerberos' }],
    [/^basicGrant\.client\.authentication/, { ...CLIENT, authentication: 'toString' }],
    [/^basicGrant\.client\.secret: does not go/, { ...CLIENT, authentication: 'none' }],
    [/^basicGrant\.client\.secret: does not go/, { ...CLIENT, authentication: 'private_key_jwt', privateKey: pem }],
    [/^basicGrant\.client\.privateKey: is required/, { id: 'g', authentication: 'private_key_jwt' }],
    [/^basicGrant\.client\.privateKey: does not go/, { ...CLIENT, privateKey: pem }],
    [/^basicGrant\.client\.keyId: does not go/, { ...CLIENT, keyId: 'a' }],
    [/^basicGrant\.client\.certificate: is required/, { id: 'g', authentication: 'tls_client_auth' }],
    [
      /^basicGrant\.client\.certificate\.key/,
      { id: 'g', authentication: 'tls_client_auth', certificate: { cert: ca } },
    ],
    [/^basicGrant\.client\.certificate: expects a PEM/, withCertificate({ cert: ca, key: server.key })],
    [/^basicGrant\.client\.certificate: expects a PEM/, withCertificate({ cert: server.cert, key: pem })],
    [/^basicGrant\.client\.certificate: expects a PEM/, withCertificate({ cert: server.key, key: server.cert })],
    [/^basicGrant\.client\.certificate\.pfx/, withCertificate({ ...server, pfx: 'x' })],
    [/^basicGrant\.client\.clientId: .*"id"|known options/, { ...CLIENT, clientId: 'a' }],
    [/2048 bits/, { id: 'g', authentication: 'private_key_jwt', privateKey: rsa(1024) }],
    [/private key as PEM/, { id: 'g', authentication: 'private_key_jwt', privateKey: 'a very private key' }],
    [/private key as PEM/, { id: 'g', authentication: 'private_key_jwt', privateKey: ca }],
  ])('%s', (problem, client) => {
    const said = complaint({ ...sound, ...password, client });
    expect(said).toMatch(problem);
    expect(said).not.toMatch(/a very private key|MII/);
  });
});

test.each<[what: string, options: Partial<BasicGrantOptions>]>([
  ['no more than an issuer and verify', {}],
  ['a client, whatever the grants', { client: CLIENT, grants: ['client_credentials'] }],
  [
    'long names',
    { clientAuthentication: 'client_secret_post', client: { ...CLIENT, authentication: 'client_secret_basic' } },
  ],
  [
    'undefined for what is left out',
    { client: undefined as never, scopes: undefined as never, cache: undefined as never },
  ],
  ['an issuer that is no address, where one is not needed', { issuer: 'urn:login', tokenEndpoint: `${ISSUER}/token` }],
  ['a document elsewhere', { discovery: { url: 'https://other.example.com/doc' } }],
  ['plain http, said aloud', { issuer: 'http://login.example.com', dangerouslyAllowHttp: true }],
  ['a certificate', { ...password, client: { id: 'g', authentication: 'tls_client_auth', certificate: server } }],
  ['one way for all', { ...password, clientAuthentication: 'private_key_jwt', client: { id: 'g', privateKey: pem } }],
  ['a key', { ...password, client: { id: 'g', authentication: 'private_key_jwt', privateKey: pem, keyId: '1' } }],
])('is taken: %s', (_what, options) => {
  const method = basicGrant({ ...sound, ...options } as BasicGrantOptions);
  expect(method.name).toBe('basicGrant');
  expect(method).toHaveLength(3);
});
