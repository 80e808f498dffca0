import { createHash, randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';
import Provider, { type Configuration } from 'oidc-provider';
import { API, CALLBACK, signingKey } from './real-provider.js';

/** Client of the provider that receives logout tokens. */
export const WEB = { id: 'web', secret: 'a secret of the web application' };

export interface LogoutProvider {
  readonly origin: string;
  /** Result of each logout request to the application: its error, or `told`. */
  readonly logouts: string[];
  /** A browser in which alice is signed in to the application. */
  signIn(): Promise<{ accessToken: string; signOut(): Promise<void> }>;
}

interface Wishes {
  /** Address for back-channel logout requests. */
  uri: string;
  /** Whether logout tokens and access tokens name the session. */
  sid: boolean;
}

function configuration({ uri, sid }: Wishes): Configuration {
  return {
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['a key for the cookies of a test'] },
    clients: [
      {
        client_id: WEB.id,
        client_secret: WEB.secret,
        grant_types: ['authorization_code'],
        redirect_uris: [CALLBACK],
        id_token_signed_response_alg: 'ES256',
        backchannel_logout_uri: uri,
        backchannel_logout_session_required: sid,
      },
    ],
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc: { provider, client, session } }) {
      const grant = new provider.Grant({ clientId: String(client?.clientId), accountId: String(session?.accountId) });
      grant.addOIDCScope('openid');
      grant.addResourceScope(API, 'things:read');
      await grant.save();
      return grant;
    },
    // The code knows the session that it was given in; providers such as Keycloak write it into their access tokens.
    extraTokenClaims: (ctx) =>
      sid ? { sid: (ctx.oidc.entities.AuthorizationCode as { sid?: string } | undefined)?.sid } : {},
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, audience) => ({
          audience,
          scope: 'things:read',
          accessTokenTTL: 120,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

/** Browser that keeps cookies and follows redirects until they leave the provider, and returns the last page. */
function browser(origin: string) {
  const cookies = new Map<string, string>();
  return async function go(path: string, form?: URLSearchParams): Promise<{ url: URL; text: string }> {
    let [url, body] = [new URL(path, origin), form];
    while (url.origin === origin) {
      const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
      const method = body === undefined ? 'GET' : 'POST';
      const answer = await fetch(url, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      if (location === null) return { url, text: await answer.text() };
      [url, body] = [new URL(location, url), undefined];
    }
    return { url, text: '' };
  };
}

async function signInAt(origin: string) {
  const go = browser(origin);
  const verifier = randomBytes(32).toString('base64url');
  const asked = {
    client_id: WEB.id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid things:read',
    resource: API,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const { url, text } = await go(`/auth?${new URLSearchParams(asked)}`);
  const code = url.searchParams.get('code');
  if (code === null) throw new Error(`no code at ${url}: ${text}`);
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    resource: API,
  };
  const authorization = `Basic ${Buffer.from(`${WEB.id}:${encodeURIComponent(WEB.secret)}`).toString('base64')}`;
  const body = new URLSearchParams(grant);
  const answer = await fetch(`${origin}/token`, { method: 'POST', headers: { authorization }, body });
  const tokens = (await answer.json()) as { access_token: string; id_token: string };
  async function signOut(): Promise<void> {
    const page = await go(`/session/end?${new URLSearchParams({ id_token_hint: tokens.id_token })}`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1];
    if (xsrf === undefined) throw new Error(`no form at ${page.url}: ${page.text}`);
    await go('/session/end/confirm', new URLSearchParams({ xsrf, logout: 'yes' }));
  }
  return { accessToken: tokens.access_token, signOut };
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** Starts a server that ends with the test file; its handler may be set when its address is known. */
export async function laterServer() {
  let pages: RequestListener = () => undefined;
  const server = createServer((req, res) => pages(req, res));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const serve = (listener: RequestListener) => {
    pages = listener;
  };
  return { origin, serve };
}

/** Starts the npm package `oidc-provider`, which sends a logout token to the application for every logout. */
export async function logoutProvider(wishes: Wishes): Promise<LogoutProvider> {
  const { origin, serve } = await laterServer();
  const provider = new Provider(origin, configuration(wishes));
  const logouts: string[] = [];
  provider.on('backchannel.success', () => void logouts.push('told'));
  provider.on('backchannel.error', (_ctx, error) => void logouts.push(error.message));
  const callback = provider.callback();
  serve((req, res) => {
    if (req.url?.startsWith('/interaction/') !== true) return void callback(req, res);
    void provider.interactionFinished(req, res, { login: { accountId: 'alice' } });
  });
  return { origin, logouts, signIn: () => signInAt(origin) };
}
