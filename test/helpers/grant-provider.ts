import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, jest } from '@jest/globals';
import type { ClientMetadata, Configuration, Provider, ResourceServer } from 'oidc-provider';
import type { TlsIdentity } from './certificate-authority.js';
import { API, signingKey, TOKEN_TTL } from './real-provider.js';

/** The user of the provider. */
export const ALEX = { name: 'alex@example.com', password: 'doe' };

const resourceServer = (audience: string): ResourceServer => ({
  audience,
  scope: 'things:read things:write',
  accessTokenTTL: TOKEN_TTL,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
});

const peerCertificate = ({ req: { socket } }: { req: { socket: object } }) =>
  socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;

function configuration(clients: ClientMetadata[]): Configuration {
  return {
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['a key for the cookies of a test'] },
    clients: clients.map((client) => ({
      id_token_signed_response_alg: 'ES256',
      grant_types: ['client_credentials', 'password'],
      response_types: [],
      redirect_uris: [],
      ...client,
    })),
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'none',
    ],
    enabledJWA: {
      clientAuthSigningAlgValues: ['HS256', 'RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'Ed25519'],
    },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { ClientCredentials: TOKEN_TTL, AccessToken: TOKEN_TTL, Grant: 600 },
    extraTokenClaims: (_ctx, { kind, ...token }) =>
      kind === 'AccessToken' ? { email: (token as { accountId: string }).accountId, email_verified: true } : {},
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Tokens are for the one API without a request for it.
        defaultResource: () => API,
        getResourceServerInfo: (_ctx, audience) => resourceServer(audience),
      },
      mTLS: {
        enabled: true,
        tlsClientAuth: true,
        getCertificate: (ctx) => peerCertificate(ctx)?.toString(),
        certificateAuthorized: ({ req: { socket } }) => socket instanceof TLSSocket && socket.authorized,
        certificateSubjectMatches: (ctx, _property, expected) => peerCertificate(ctx)?.subject === expected,
      },
    },
  };
}

/** Adds the grant `password` (RFC 6749 section 4.3), which the package does not implement. */
function takePasswords(provider: Provider): void {
  const handler: Parameters<Provider['registerGrantType']>[1] = async (ctx) => {
    const { client, params } = ctx.oidc;
    const { username, password } = params as { username?: string; password?: string };
    if (username !== ALEX.name || password !== ALEX.password) {
      Object.assign(ctx, { status: 400, body: { error: 'invalid_grant' } });
      return;
    }
    const grant = new provider.Grant({ clientId: client.clientId, accountId: username });
    grant.addResourceScope(API, 'things:read');
    const token = new provider.AccessToken({
      accountId: username,
      client,
      grantId: await grant.save(),
      gty: 'password',
      scope: 'things:read',
    } as ConstructorParameters<Provider['AccessToken']>[0]);
    token.resourceServer = new provider.ResourceServer(API, resourceServer(API));
    ctx.body = { access_token: await token.save(), expires_in: token.expiration, token_type: token.tokenType };
  };
  provider.registerGrantType('password', handler, ['username', 'password', 'scope']);
}

export interface GrantProvider {
  readonly origin: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
}

/**
 * The npm package `oidc-provider` with the grants `client_credentials` and `password`, behind a real server that
 * lives as long as the test file.
 * @param options `tls`: serve https, and ask clients for certificates of `clientCa`.
 */
export async function grantProvider(
  clients: ClientMetadata[],
  { tls, clientCa }: { tls?: TlsIdentity; clientCa?: string } = {},
): Promise<GrantProvider> {
  const asked: string[] = [];
  let pages: RequestListener = () => undefined;
  const answer: RequestListener = (req, res) => {
    asked.push(new URL(req.url ?? '/', 'http://provider').pathname);
    pages(req, res);
  };
  const withCertificates = { ...tls, ca: clientCa, requestCert: true, rejectUnauthorized: false };
  const server: Server = tls === undefined ? createServer(answer) : createTlsServer(withCertificates, answer);
  await new Promise<void>((done) => server.listen(0, 'localhost', done).unref());
  afterAll(() => new Promise<void>((done) => server.close(() => done())));
  const origin = `${tls === undefined ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`;
  // oidc-provider warns that memory is not for production, and of Node's version.
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  // Under Jest, the objects that it clones are of another realm, and no plain objects to it.
  const clone = jest.spyOn(globalThis, 'structuredClone');
  clone.mockImplementation((value: unknown) => JSON.parse(JSON.stringify(value)));
  const { Provider: Made } = await import('oidc-provider');
  const provider = new Made(origin, configuration(clients));
  takePasswords(provider);
  pages = provider.callback();
  clone.mockRestore();
  warn.mockRestore();
  return { origin, asked };
}
