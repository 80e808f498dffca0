import { Moment } from '../clock/moment.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { type FetchOptions, fetchJson } from './fetch-json.js';
import {
  DOCUMENT_FRESH,
  type DocumentIssuers,
  documentPlaces,
  fetchIssuerDocument,
  foundUrlProblem,
  type IssuerDocument,
} from './issuer-document.js';
import { resolveKeyRequest } from './key-request.js';
import type { KeySource } from './key-source.js';
import { KEY_SET_OPTION_NAMES, type KeySetOptions, RemoteKeys } from './remote-keys.js';

/** Options of {@link discoveryKeys}. */
export interface DiscoveryKeysOptions extends KeySetOptions {
  /** The issuer, exactly as its tokens and its document write it. */
  readonly issuer: string;
  /**
   * URL of the document, if it is not below the issuer.
   * @default below the issuer
   */
  readonly url?: string | undefined;
  /**
   * Other issuers that the document may name, for a document that is served from another address than it says.
   * @default none: byte for byte the issuer
   */
  readonly aliases?: readonly string[] | undefined;
  /**
   * Takes plain http from other hosts than this machine.
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

/** Reads the URL of the key set out of a discovery document. */
function jwksUriOf({ members, url: documentUrl }: IssuerDocument, allowHttp: boolean): URL {
  const { jwks_uri: jwksUri } = members;
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error('the discovery document has no jwks_uri');
  const url = new URL(jwksUri);
  const problem = foundUrlProblem(url, documentUrl, allowHttp);
  if (problem !== undefined) throw new Error(`the jwks_uri of the discovery document ${problem}`);
  return url;
}

/** Which issuers a document may name, and who is told which one it does name. */
interface NamedIssuer {
  readonly issuers: DocumentIssuers;
  readonly onNamed?: (issuer: unknown, members: IssuerDocument['members']) => void;
}

/**
 * Makes keys that are found through the document at an issuer's address, whichever issuer of `named` it names.
 * @throws {ConfigurationError} when the address is not one that may be fetched, or for another wrong option.
 */
export function documentKeys(
  { issuer, url, dangerouslyAllowHttp = false, ...options }: Omit<DiscoveryKeysOptions, 'aliases'>,
  { issuers, onNamed }: NamedIssuer,
): KeySource {
  const places = documentPlaces(issuer, url, dangerouslyAllowHttp);
  // All places are of one origin.
  const [home] = places;
  const keyRequest = resolveKeyRequest('keyRequest', options.keyRequest, home);
  let known: { readonly jwksUri: URL; readonly since: Moment } | undefined;
  async function lookUp(how: FetchOptions) {
    const document = await fetchIssuerDocument(places, issuers, how);
    const jwksUri = jwksUriOf(document, dangerouslyAllowHttp);
    onNamed?.(document.members.issuer, document.members);
    return { jwksUri, since: new Moment() };
  }
  return new RemoteKeys(issuer, options, async (signal) => {
    const how = { ca: options.ca, keyRequest, signal };
    const located = known !== undefined && known.since.age < DOCUMENT_FRESH ? known : undefined;
    // Forgotten until the keys are here: if they cannot be loaded from there, the next attempt looks again.
    known = undefined;
    const found = located ?? (await lookUp(how));
    const fetched = await fetchJson(found.jwksUri, how);
    known = found;
    return fetched;
  });
}

/**
 * Creates a source of the keys of an issuer, found through its discovery document (OpenID Connect Discovery section 4,
 * then RFC 8414 section 3). Nothing is fetched before the first token, or `ready()`.
 * @throws {ConfigurationError} when the issuer or the URL may not be fetched, or another option is wrong.
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig | OpenID Connect Discovery section 4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3 | RFC 8414 section 3}
 */
export function discoveryKeys(given: DiscoveryKeysOptions): KeySource {
  checkOptionNames('discoveryKeys', given, [
    ...KEY_SET_OPTION_NAMES,
    'issuer',
    'url',
    'aliases',
    'dangerouslyAllowHttp',
  ]);
  const { aliases = [], ...options } = given;
  assertStrings('aliases', aliases);
  return documentKeys(options, { issuers: [options.issuer, ...aliases] });
}
