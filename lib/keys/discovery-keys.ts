import { isPlainRecord } from '../tokens/jose-header.js';
import { Moment } from './age.js';
import { fetchJson, HttpStatusError } from './fetch-json.js';
import type { KeySource } from './key-source.js';
import { type RemoteKeyOptions, RemoteKeys } from './remote-keys.js';
import { configuredUrl, urlProblem } from './remote-url.js';

/** Options of {@link discoveryKeys}. */
export interface DiscoveryKeysOptions extends RemoteKeyOptions {
  /** The issuer, exactly as its tokens and its document write it. */
  readonly issuer: string;
  /** Where the document stands, if not where the issuer says. */
  readonly url?: string | undefined;
  /** Takes plain http from other hosts than this machine. Default false. */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

/** A document is read again after this many seconds, so that a moved key set is noticed without an outage. */
const DOCUMENT_FRESH = 3600;

/** OpenID Connect Discovery section 4 first, then RFC 8414 section 3.1, which puts the path behind. */
function wellKnownUrls(issuer: URL): URL[] {
  const path = issuer.pathname.replace(/\/$/, '');
  return [
    new URL(`${path}/.well-known/openid-configuration`, issuer),
    new URL(`/.well-known/oauth-authorization-server${path}`, issuer),
  ];
}

/** Moves on to the next place only where the provider says that there is nothing here. */
async function fetchFirst(urls: readonly URL[], ca: string | undefined): Promise<unknown> {
  for (const [index, url] of urls.entries()) {
    try {
      return (await fetchJson(url, { ca })).json;
    } catch (error) {
      const notHere = error instanceof HttpStatusError && error.status >= 400 && error.status < 500;
      if (!notHere || index === urls.length - 1) throw error;
    }
  }
  throw new Error('there is no place to look');
}

/** The key set's URL, out of a document whose issuer is byte for byte the configured one (Discovery section 4.3, RFC 8414 section 3.3). */
function jwksUriOf(document: unknown, issuer: string, allowHttp: boolean): URL {
  if (!isPlainRecord(document)) throw new Error('the discovery document is not a JSON object');
  if (document.issuer !== issuer) throw new Error('the discovery document is another issuer’s');
  const { jwks_uri: jwksUri } = document;
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error('the discovery document has no jwks_uri');
  const url = new URL(jwksUri);
  const problem = urlProblem(url, allowHttp);
  if (problem !== undefined) throw new Error(`the jwks_uri of the discovery document ${problem}`);
  return url;
}

/**
 * Keys of an issuer, found through its discovery document. Nothing is fetched before the first token, or `ready()`.
 * @throws ConfigurationError if the issuer or the URL is not one that may be fetched.
 */
export function discoveryKeys({
  issuer,
  url,
  dangerouslyAllowHttp = false,
  ...options
}: DiscoveryKeysOptions): KeySource {
  const places =
    url === undefined
      ? wellKnownUrls(configuredUrl('issuer', issuer, dangerouslyAllowHttp))
      : [configuredUrl('discovery.url', url, dangerouslyAllowHttp)];
  let known: { readonly jwksUri: URL; readonly since: Moment } | undefined;
  return new RemoteKeys(issuer, options, async () => {
    const located = known !== undefined && known.since.age < DOCUMENT_FRESH ? known : undefined;
    // Forgotten until the keys are here: if they cannot be loaded from there, the next attempt looks again.
    known = undefined;
    const jwksUri = located?.jwksUri ?? jwksUriOf(await fetchFirst(places, options.ca), issuer, dangerouslyAllowHttp);
    const fetched = await fetchJson(jwksUri, { ca: options.ca });
    known = located ?? { jwksUri, since: new Moment() };
    return fetched;
  });
}
