import { afterAll } from '@jest/globals';
import type { ClientMetadata, Configuration } from 'oidc-provider';
import { API, PROGRAM, quietly, signingKey } from './real-provider.js';
import { listening } from './requests.js';

/** The API as a client of the provider, which may ask about tokens. */
export const RESOURCE_SERVER = { id: 'things-api', secret: 'a secret of the things API' };

const clientOf = ({ id, secret }: typeof PROGRAM, ...grants: string[]): ClientMetadata => ({
  client_id: id,
  client_secret: secret,
  grant_types: grants,
  response_types: [],
  redirect_uris: [],
  id_token_signed_response_alg: 'ES256',
  // Used for clients that request signed answers; others get plain ones.
  introspection_signed_response_alg: 'ES256',
});

function configuration(): Configuration {
  return {
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['a key for the cookies of a test'] },
    clients: [clientOf(PROGRAM, 'client_credentials'), clientOf(RESOURCE_SERVER)],
    ttl: { ClientCredentials: 120 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, audience) => ({
          audience,
          scope: 'things:read things:write',
          accessTokenTTL: 120,
          accessTokenFormat: 'opaque',
        }),
      },
    },
  };
}

export interface OpaqueProvider {
  readonly origin: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** An opaque token that the reports program gets for itself. */
  token(scope?: string): Promise<string>;
  revoke(token: string): Promise<void>;
}

/** Starts the npm package `oidc-provider` with opaque access tokens; it ends with the test file. */
export async function opaqueProvider(): Promise<OpaqueProvider> {
  const asked: string[] = [];
  const { default: Provider } = await quietly(() => import('oidc-provider'));
  let callback: ReturnType<InstanceType<typeof Provider>['callback']> | undefined;
  const { server, port } = await listening((req, res) => {
    asked.push(String(req.url));
    void callback?.(req, res);
  });
  afterAll(() => void server.close().closeAllConnections());
  const origin = `http://127.0.0.1:${port}`;
  callback = (await quietly(() => new Provider(origin, configuration()))).callback();
  async function post(path: string, form: Record<string, string>): Promise<Record<string, unknown>> {
    const pair = Buffer.from(`${PROGRAM.id}:${encodeURIComponent(PROGRAM.secret)}`);
    const authorization = `Basic ${pair.toString('base64')}`;
    const answer = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} from ${path}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }
  return {
    origin,
    asked,
    async token(scope = 'things:read') {
      return String((await post('/token', { grant_type: 'client_credentials', resource: API, scope })).access_token);
    },
    async revoke(token) {
      await post('/token/revocation', { token });
    },
  };
}
