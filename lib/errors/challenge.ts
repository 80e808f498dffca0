/** Scheme of `Authorization` that a challenge may ask for. */
export type Scheme = 'Bearer' | 'Basic';

/** One challenge of a `WWW-Authenticate` header: a scheme and its parameters, in the order given. */
export interface Challenge {
  readonly scheme: string;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes a value as a quoted-string (RFC 9110 section 5.6.4). Quotes and backslashes are escaped; characters that a
 * header cannot carry (control characters, anything beyond ASCII) become `?`, so that no configured or received text
 * can end the header early.
 */
function quoted(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

/** Writes a challenge as a header value (RFC 9110 section 11.6.1). Parameters without a value are left out. */
export function formatChallenge({ scheme, params }: Challenge): string {
  const written = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`;
}

/** What a `WWW-Authenticate` header is made of. */
export interface ChallengeParts {
  readonly schemes: readonly Scheme[];
  readonly realm: string | undefined;
  /** Parameters of the Bearer challenge beside the realm (RFC 6750 section 3). */
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** Composes a `WWW-Authenticate` header: a challenge for each scheme, in the order given. */
export function challengeHeader({ schemes, realm, params }: ChallengeParts): string {
  const bearer = () => formatChallenge({ scheme: 'Bearer', params: { realm, ...params } });
  return schemes.map((scheme) => (scheme === 'Bearer' ? bearer() : basicChallenge(realm))).join(', ');
}

/**
 * Writes a Basic challenge with its two parameters: `realm` is required, and `charset` tells clients to send UTF-8 (RFC
 * 7617 section 2).
 */
function basicChallenge(realm = 'api'): string {
  return formatChallenge({ scheme: 'Basic', params: { realm, charset: 'UTF-8' } });
}
