import { isPlainRecord } from '../tokens/strict-json.js';
import { type FetchOptions, fetchJson, HttpStatusError } from './fetch-json.js';
import { configuredUrl, urlProblem } from './remote-url.js';

/** A discovery document (OpenID Connect Discovery section 4.2, RFC 8414 section 2) and the URL that it came from. */
export interface IssuerDocument {
  readonly members: Readonly<Record<string, unknown>>;
  readonly url: URL;
}

/** Seconds for which a document is fresh. It is read again so that a moved endpoint is noticed without an outage. */
export const DOCUMENT_FRESH = 3600;

/** Lists the well-known URLs: OpenID Connect Discovery section 4 first, then RFC 8414 section 3.1, with the path last. */
function wellKnownUrls(issuer: URL): [URL, URL] {
  const path = issuer.pathname.replace(/\/$/, '');
  // Set, not resolved: a path that begins with `//` would be read as another host.
  const at = (pathname: string) => Object.assign(new URL(issuer), { pathname });
  return [at(`${path}/.well-known/openid-configuration`), at(`/.well-known/oauth-authorization-server${path}`)];
}

/**
 * The addresses where an issuer's document may stand, all of one origin.
 * @throws {ConfigurationError} when the issuer is no URL.
 */
export function documentPlaces(
  issuer: string,
  url: string | undefined,
  allowHttp: boolean,
): readonly [URL, ...(readonly URL[])] {
  return url === undefined
    ? wellKnownUrls(configuredUrl('issuer', issuer, allowHttp))
    : [configuredUrl('discovery.url', url, allowHttp)];
}

/** Fetches the first document that exists. Only a 4xx status moves on to the next URL; an outage does not. */
async function fetchFirst(
  urls: readonly URL[],
  options: FetchOptions,
): Promise<{ readonly document: unknown; readonly url: URL }> {
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

const MAX_NAMED_LENGTH = 256;

/** The commonest mistake of all, an address of the provider in place of its issuer, shows in the two names. */
function otherIssuer({ origin, pathname }: URL, named: unknown, configured: readonly unknown[]): Error {
  const name = typeof named === 'string' ? JSON.stringify(named.slice(0, MAX_NAMED_LENGTH)) : 'none';
  const expected = configured.map((issuer) => JSON.stringify(issuer)).join(' or ');
  return new Error(
    `the discovery document is another issuer’s: ${origin}${pathname} names ${name}, and ${expected} is configured`,
  );
}

/**
 * Issuers that a document may name. `'any'` is for systems in which the address alone is trusted, as in Kong: whoever
 * serves the document there says whose tokens are meant.
 */
export type DocumentIssuers = readonly string[] | 'any';

/**
 * Fetches a document whose issuer is byte for byte one of `issuers`
 * ([Discovery section 4.3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation),
 * [RFC 8414 section 3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
 */
export async function fetchIssuerDocument(
  places: readonly URL[],
  issuers: DocumentIssuers,
  options: FetchOptions,
): Promise<IssuerDocument> {
  const { document, url } = await fetchFirst(places, options);
  if (!isPlainRecord(document)) throw new Error('the discovery document is not a JSON object');
  if (issuers !== 'any' && !issuers.some((issuer) => issuer === document.issuer))
    throw otherIssuer(url, document.issuer, issuers);
  return { members: document, url };
}

/** Says why a URL that a document names must not be requested; `undefined` if it may. */
export function foundUrlProblem(url: URL, documentUrl: URL, allowHttp: boolean): string | undefined {
  // A document from elsewhere must not point at plain services of this machine.
  const isLeak = documentUrl.protocol === 'https:' && url.protocol === 'http:' && !allowHttp;
  return isLeak ? 'must be an https URL, as that of the document is' : urlProblem(url, allowHttp);
}
