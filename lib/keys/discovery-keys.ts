import { Moment } from '../clock/moment.js';
import { checkOptionNames } from '../options/check-options.js';
import { isPlainRecord } from '../tokens/jose-header.js';
import { type FetchOptions, fetchJson, HttpStatusError } from './fetch-json.js';
import type { KeySource } from './key-source.js';
import { REMOTE_OPTION_NAMES, type RemoteKeyOptions, RemoteKeys } from './remote-keys.js';
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
  // Set, not resolved: a path that begins with `//` would be read as another host.
  const at = (pathname: string) => Object.assign(new URL(issuer), { pathname });
  return [at(`${path}/.well-known/openid-configuration`), at(`/.well-known/oauth-authorization-server${path}`)];
}

interface Found {
  readonly document: unknown;
  readonly url: URL;
}

/** Moves on to the next place only where the provider says that there is nothing here. */
async function fetchFirst(urls: readonly URL[], options: FetchOptions): Promise<Found> {
  for (const [index, url] of urls.entries()) {
    try {
      return { document: (await fetchJson(url, options)).json, url };
    } catch (error) {
      const notHere = error instanceof HttpStatusError && error.status >= 400 && error.status < 500;
      if (!notHere || index === urls.length - 1) throw error;
    }
  }
  throw new Error('there is no place to look');
}

/** The key set's URL, out of a document whose issuer is byte for byte the configured one (Discovery section 4.3, RFC 8414 section 3.3). */
function jwksUriOf({ document, url: documentUrl }: Found, issuer: string, allowHttp: boolean): URL {
  if (!isPlainRecord(document)) throw new Error('the discovery document is not a JSON object');
  if (document.issuer !== issuer) throw new Error('the discovery document is another issuer’s');
  const { jwks_uri: jwksUri } = document;
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error('the discovery document has no jwks_uri');
  const url = new URL(jwksUri);
  // A document from elsewhere must not point at plain services of this machine.
  const isLeak = documentUrl.protocol === 'https:' && url.protocol === 'http:' && !allowHttp;
  const problem = isLeak ? 'must be an https URL, as that of the document is' : urlProblem(url, allowHttp);
  if (problem !== undefined) throw new Error(`the jwks_uri of the discovery document ${problem}`);
  return url;
}

/**
 * Keys of an issuer, found through its discovery document. Nothing is fetched before the first token, or `ready()`.
 * @throws ConfigurationError if the issuer or the URL is not one that may be fetched, or for another wrong option.
 */
export function discoveryKeys(given: DiscoveryKeysOptions): KeySource {
  checkOptionNames('discoveryKeys', given, [...REMOTE_OPTION_NAMES, 'issuer', 'url', 'dangerouslyAllowHttp']);
  const { issuer, url, dangerouslyAllowHttp = false, ...options } = given;
  const places =
    url === undefined
      ? wellKnownUrls(configuredUrl('issuer', issuer, dangerouslyAllowHttp))
      : [configuredUrl('discovery.url', url, dangerouslyAllowHttp)];
  let known: { readonly jwksUri: URL; readonly since: Moment } | undefined;
  return new RemoteKeys(issuer, options, async (signal) => {
    const how = { ca: options.ca, signal };
    const located = known !== undefined && known.since.age < DOCUMENT_FRESH ? known : undefined;
    // Forgotten until the keys are here: if they cannot be loaded from there, the next attempt looks again.
    known = undefined;
    const jwksUri = located?.jwksUri ?? jwksUriOf(await fetchFirst(places, how), issuer, dangerouslyAllowHttp);
    const fetched = await fetchJson(jwksUri, how);
    known = located ?? { jwksUri, since: new Moment() };
    return fetched;
  });
}
