import * as client from 'openid-client';
import { API, APPLICATION, CALLBACK, PROGRAM, type RealProvider } from './real-provider.js';
import { type Asking, fetchTrusting } from './trusting-fetch.js';

/** A client of a provider, set up by discovery, whatever issuer the provider claims to be. */
async function configured({ origin }: RealProvider, { id, secret }: typeof PROGRAM, ca?: string) {
  const fetchIt = fetchTrusting(ca);
  const found = await (await fetchIt(`${origin}/.well-known/openid-configuration`)).json();
  const config = new client.Configuration(found as client.ServerMetadata, id, secret);
  client.allowInsecureRequests(config);
  // openid-client asks with the members that we know of, and no others matter here.
  config[client.customFetch] = (url, options) => fetchIt(url, options as Asking);
  return config;
}

/** An access token that a program gets for itself. */
export async function programToken(
  provider: RealProvider,
  { resource = API, scope = 'things:read', ca }: { resource?: string; scope?: string; ca?: string } = {},
): Promise<string> {
  const config = await configured(provider, PROGRAM, ca);
  return (await client.clientCredentialsGrant(config, { resource, scope })).access_token;
}

/** Follows a browser's redirects, cookies and all, until they leave the provider. */
async function browse(url: URL): Promise<URL> {
  const cookies = new Map<string, string>();
  const fetchIt = fetchTrusting();
  let next = url;
  while (!next.href.startsWith(CALLBACK)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetchIt(next.href, { headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`${answer.status} from ${next.pathname}: ${await answer.text()}`);
    next = new URL(location, next);
  }
  return next;
}

/** What an application gets when alice signs in. */
export async function signIn(provider: RealProvider): Promise<{ accessToken: string; idToken: string }> {
  const config = await configured(provider, APPLICATION);
  const [pkceCodeVerifier, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid things:read',
    resource: API,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const checks = { pkceCodeVerifier, expectedNonce };
  const tokens = await client.authorizationCodeGrant(config, await browse(url), checks, { resource: API });
  return { accessToken: tokens.access_token, idToken: String(tokens.id_token) };
}
