import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type ClientOptions, ConfigurationError, type OidcBearerOptions, oidcBearer } from '../../../lib/index.js';
import { ask } from '../../helpers/asking.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../../helpers/certificate.js';
import { certificateAuthority } from '../../helpers/certificate-authority.js';
import { active, asking, introspectionEndpoint, opaqueToken } from '../../helpers/introspection-endpoint.js';
import { given } from '../../helpers/loose.js';
import { AUDIENCE, ISSUER, PROVIDER_KEY, PROVIDER_PEM } from '../../helpers/oidc-door.js';

const endpoint = await introspectionEndpoint();
const client = { id: 'our-api', secret: 'a secret' };
const KEY = String(PROVIDER_KEY.export({ type: 'pkcs8', format: 'pem' }));
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;

/** What a caller without types may write. */
type Wish = Record<string, unknown>;
const make = (introspection: unknown, options: Wish = {}) =>
  oidcBearer(given<OidcBearerOptions>({ issuer: ISSUER, audience: AUDIENCE, introspection, ...options }));

describe('at creation, introspection refuses', () => {
  type Row = [what: string, introspection: unknown, says: RegExp, options?: Wish];
  const rows: Row[] = [
    ['true', true, /introspection: expects an options object/],
    ['no client', {}, /introspection\.client: is required/],
    ['a client that is a text', { client: 'our-api' }, /introspection\.client: expects an options object/],
    ['a client without an id', { client: { secret: 's' } }, /client\.id/],
    ['a client without a secret', { client: { id: 'a' } }, /client\.secret: is required/],
    ['the same, for post', { client: { id: 'a', authentication: 'post' } }, /client\.secret: is required/],
    ['a key and a secret', { client: { ...client, privateKey: KEY } }, /client\.privateKey: does not go with/],
    ['no key for private_key_jwt', { client: { id: 'a', authentication: 'private_key_jwt' } }, /client\.privateKey/],
    ['a weak key', { client: { id: 'a', authentication: 'private_key_jwt', privateKey: weak } }, /2048 bits or more/],
    ['an unknown authentication', { client: { ...client, authentication: 'digest' } }, /client\.authentication/],
    ['a secret for nothing', { client: { ...client, authentication: 'none' } }, /does not go with/],
    ['clientId', { clientId: 'a' }, /clientId: unknown option; did you mean "client\.id"/],
    ['client_secret', { client_secret: 'a' }, /did you mean "client\.secret"/],
    ['client.clientId', { client: { clientId: 'a' } }, /did you mean "id"/],
    ['client.clientSecret', { client: { id: 'a', clientSecret: 'a' } }, /did you mean "secret"/],
    ['introspectionEndpoint', { client, introspectionEndpoint: 'x' }, /did you mean "endpoint"/],
    ['an unknown option', { client, retries: 3 }, /introspection\.retries: unknown option/],
    ['an endpoint that is no URL', { client, endpoint: '/introspect' }, /introspection\.endpoint: is not a URL/],
    ['a plain endpoint', { client, endpoint: 'http://login.example.com/i' }, /must be an https URL/],
    ['a name in the endpoint', { client, endpoint: 'https://a:b@login.example.com/' }, /user name or password/],
    ['also: true', { client, also: true }, /introspection\.also: expects "jwt"/],
    ['a text for signed', { client, signed: 'yes' }, /introspection\.signed: expects true or false/],
    ['a ttl of milliseconds', { client, ttl: 30_000 }, /introspection\.ttl/],
    ['a ttl of nothing', { client, ttl: 0 }, /introspection\.ttl/],
    ['a ttl without a cache', { client, ttl: 30, cache: false }, /introspection\.ttl: contradicts cache/],
    ['a list for a cache', { client, cache: [] }, /introspection\.cache/],
    ['null for a cache', { client, cache: null }, /introspection\.cache/],
    [
      'many issuers',
      { client },
      /introspection: asks one provider/,
      { issuer: undefined, audience: undefined, issuers: () => undefined },
    ],
    [
      'many tenants',
      { client },
      /introspection: asks one provider/,
      { issuer: 'https://login.example.com/{tenantid}/v2.0', tenants: ['a', 'b'] },
    ],
    [
      'an issuer that is no address, and no endpoint',
      { client },
      /introspection\.endpoint: is required/,
      { issuer: 'our-issuer', publicKeys: PROVIDER_PEM },
    ],
    ['an authority that is none', { client }, /oidcBearer\.ca/, { ca: 'a ca', publicKeys: PROVIDER_PEM }],
    ['a hint at another level', undefined, /did you mean "introspection\.endpoint"/, { introspection_endpoint: 'x' }],
  ];
  test.each(rows.map(([what, ...rest]) => [what, rest] as const))('%s', (_what, [introspection, says, options]) => {
    const attempt = () => make(introspection, options);
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(says);
  });

  test('a certificate authority where nothing is asked', () => {
    const { ca } = certificateAuthority();
    expect(() => make(undefined, { ca, publicKeys: PROVIDER_PEM })).toThrow(/it has no URL to apply to/);
    expect(() => make({ client }, { ca, publicKeys: PROVIDER_PEM })).not.toThrow();
  });
});

describe('a client proves who it is', () => {
  async function askedBy(given: ClientOptions) {
    endpoint.answers(active());
    expect(await ask(asking(endpoint, { introspection: { client: given } }), opaqueToken())).toBe('ok');
    const { form, headers } = endpoint.asked.at(-1) ?? {};
    return { form: Object.fromEntries(form ?? []), authorization: headers?.authorization };
  }
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test('by basic, encoded as a form and no more', async () => {
    for (const authentication of [undefined, 'basic', 'client_secret_basic'] as const) {
      const given = { id: 'our-api.v1', secret: 'p:ä b', ...(authentication === undefined ? {} : { authentication }) };
      expect((await askedBy(given)).authorization).toBe(basic('our-api.v1:p%3A%C3%A4+b'));
    }
  });

  test('by post', async () => {
    for (const authentication of ['post', 'client_secret_post'] as const) {
      const { form, authorization } = await askedBy({ ...client, authentication });
      expect(form).toMatchObject({ client_id: 'our-api', client_secret: 'a secret' });
      expect(authorization).toBeUndefined();
    }
  });

  test('by an assertion', async () => {
    const secret = 'a secret of at least thirty-two bytes';
    for (const given of [
      { id: 'our-api', secret, authentication: 'client_secret_jwt' },
      { id: 'our-api', privateKey: KEY, keyId: 'k1', authentication: 'private_key_jwt' },
    ] satisfies ClientOptions[]) {
      const { form } = await askedBy(given);
      const assertion = String(form.client_assertion);
      expect(decodeJwt(assertion)).toMatchObject({ iss: 'our-api', sub: 'our-api', aud: ISSUER });
      expect(decodeProtectedHeader(assertion).alg).toBe('privateKey' in given ? 'ES256' : 'HS256');
      expect(JSON.stringify(form)).not.toContain(secret);
    }
  });

  test('by a certificate', async () => {
    const { ca, server: identity } = certificateAuthority();
    const seen: unknown[] = [];
    const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false }, (req, res) => {
      seen.push((req.socket as TLSSocket).getPeerX509Certificate()?.toString());
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(active().body));
    });
    await new Promise<void>((done) => server.listen(0, 'localhost', done));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/introspect`;
    const key = String(CERTIFICATE_KEY.export({ type: 'pkcs8', format: 'pem' }));
    const given = {
      id: 'our-api',
      authentication: 'tls_client_auth',
      certificate: { cert: CERTIFICATE, key },
    } as const;
    expect(await ask(asking({ url }, { ca, introspection: { client: given } }), opaqueToken())).toBe('ok');
    expect(seen).toEqual([new X509Certificate(CERTIFICATE).toString()]);
    server.close().closeAllConnections();
  });

  test('by its name alone', async () => {
    expect((await askedBy({ id: 'our-api', authentication: 'none' })).form).toMatchObject({ client_id: 'our-api' });
  });
});
