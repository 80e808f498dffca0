/** The schemes of `Authorization` that a challenge may ask for. */
export type Scheme = 'Bearer' | 'Basic';

/** What a `WWW-Authenticate` header says: a scheme and its parameters, in the order given. */
export interface Challenge {
  readonly scheme: string;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes a value as an RFC 9110 section 5.6.4 quoted-string. Quotes and backslashes are escaped;
 * whatever a header cannot carry (control characters, anything beyond ASCII) becomes `?`, so that
 * no configured or received text can end the header early.
 */
function quoted(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

/** Writes a challenge as RFC 9110 section 11.6.1 asks; parameters without a value are left out. */
export function formatChallenge({ scheme, params }: Challenge): string {
  const written = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`;
}

/** RFC 7617 section 2: a realm is required, and `charset` says how names and passwords are written. */
export function basicChallenge(realm = 'api'): string {
  return formatChallenge({ scheme: 'Basic', params: { realm, charset: 'UTF-8' } });
}
