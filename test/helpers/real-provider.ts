import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, jest } from '@jest/globals';
import type { ClientMetadata, Configuration, JWK, Provider, ResourceServer } from 'oidc-provider';
import type { TlsIdentity } from './certificate-authority.js';

export const API = 'urn:example:api';
export const CALLBACK = 'https://app.example.com/callback';
export const PROGRAM = { id: 'reports', secret: 'a secret of the reports program' };
export const APPLICATION = { id: 'web', secret: 'a secret of the web application' };
/** Seconds that an access token lives. */
export const TOKEN_TTL = 120;
const SCOPES = 'things:read things:write';

/** A private signing key with a kid of its own. */
export function signingKey(kid: string = randomUUID()): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } as JWK;
}

const signing = { id_token_signed_response_alg: 'ES256' } as const;

const clients: ClientMetadata[] = [
  {
    ...signing,
    client_id: PROGRAM.id,
    client_secret: PROGRAM.secret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  },
  {
    ...signing,
    client_id: APPLICATION.id,
    client_secret: APPLICATION.secret,
    grant_types: ['authorization_code'],
    redirect_uris: [CALLBACK],
  },
];

/** Describes every resource as an API with JWTs. */
const resourceIndicators = {
  enabled: true,
  getResourceServerInfo: (_ctx: unknown, audience: string): ResourceServer => ({
    audience,
    scope: SCOPES,
    accessTokenTTL: TOKEN_TTL,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }),
};

/** Grants every consent. */
const loadExistingGrant: Configuration['loadExistingGrant'] = async ({ oidc: { provider, client, session } }) => {
  const grant = new provider.Grant({ clientId: String(client?.clientId), accountId: String(session?.accountId) });
  grant.addOIDCScope('openid');
  grant.addResourceScope(API, SCOPES);
  await grant.save();
  return grant;
};

function configuration(keys: JWK[]): Configuration {
  return {
    jwks: { keys },
    cookies: { keys: ['a key for the cookies of a test'] },
    clients,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    loadExistingGrant,
    ttl: {
      ClientCredentials: TOKEN_TTL,
      AccessToken: TOKEN_TTL,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
      Grant: 600,
    },
    features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true }, resourceIndicators },
  };
}

/** Silences the provider's warnings about memory and Node's version. */
export async function quietly<T>(make: () => T | Promise<T>): Promise<T> {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    return await make();
  } finally {
    warn.mockRestore();
  }
}

/** The provider's interaction pages, which sign in alice. */
function pagesOf(provider: Provider): RequestListener {
  const callback = provider.callback();
  return (req, res) => {
    if (req.url?.startsWith('/interaction/') !== true) return void callback(req, res);
    void provider.interactionFinished(req, res, { login: { accountId: 'alice' } });
  };
}

export interface RealProvider {
  readonly origin: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Replaces the keys: signs with the first, and publishes all. */
  useKeys(...keys: JWK[]): Promise<void>;
}

/**
 * The npm package `oidc-provider` behind a real server that lives as long as the test file.
 * @param options `tls`: serve https. `posingAs`: the issuer to claim in place of its own.
 */
export async function realProvider({
  tls,
  posingAs,
}: {
  tls?: TlsIdentity;
  posingAs?: string;
} = {}): Promise<RealProvider> {
  const asked: string[] = [];
  let pages: RequestListener;
  const answer: RequestListener = (req, res) => {
    asked.push(new URL(req.url ?? '/', 'http://provider').pathname);
    pages(req, res);
  };
  const server: Server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  await new Promise<void>((done) => server.listen(0, 'localhost', done).unref());
  afterAll(() => new Promise<void>((done) => server.close(() => done())));
  const origin = `${tls === undefined ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`;
  const { Provider: Made } = await quietly(() => import('oidc-provider'));
  const useKeys = async (...keys: JWK[]) => {
    pages = pagesOf(await quietly(() => new Made(posingAs ?? origin, configuration(keys))));
  };
  await useKeys(signingKey());
  return { origin, asked, useKeys };
}
