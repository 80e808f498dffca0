import type { JWTPayload } from 'jose';

/** Kind that a token names itself, other than access token. */
export type OtherKind = 'refresh' | 'id' | 'logout' | 'other';

/** Claims in which products write the kind of a token. */
const KIND_CLAIMS = [
  'typ',
  'type',
  'token_type',
  'token_use',
  'tokenType',
  'tokenUse',
  'token_typ',
  'tokenTyp',
  'token_kind',
  'tokenKind',
  'tty',
] as const;

/** Claims that have other uses too, so that only unmistakable words count in them. */
const LOOSE_CLAIMS = ['use', 'kind', 'purpose'] as const;

/** Writes a word in lower case and without separators, because products spell it in many ways. */
const plainWord = (value: string): string => value.toLowerCase().replace(/[-_ .]/g, '');

const WORDS: ReadonlyMap<string, OtherKind> = new Map([
  ...['refresh', 'refreshtoken', 'refreshjwt', 'rt', 'offline', 'offlinetoken', 'dsr'].map(
    (word) => [word, 'refresh'] as const,
  ),
  ...['id', 'idtoken', 'idjwt', 'identitytoken', 'it'].map((word) => [word, 'id'] as const),
  ...['logout', 'logouttoken', 'backchannellogout', 'backchannellogouttoken'].map((word) => [word, 'logout'] as const),
  ...[
    'secevent',
    'securityevent',
    'dpopproof',
    'assertion',
    'clientassertion',
    'clientauthentication',
    'requestobject',
    'oauthauthzreq',
    'authorizationcode',
    'authcode',
  ].map((word) => [word, 'other'] as const),
]);

/** Short words of {@link WORDS} that have another meaning in claims of other uses. */
const SHORT = new Set(['rt', 'offline', 'id', 'it', 'logout', 'assertion']);

/** Returns the kind that a word names; `undefined` where the token may be an access token. */
export function kindByWord(value: unknown): OtherKind | undefined {
  if (typeof value === 'string') return WORDS.get(plainWord(value));
  return Array.isArray(value) ? value.map(kindByWord).find((kind) => kind !== undefined) : undefined;
}

const isWhole = (value: unknown): boolean => typeof value === 'string' && !SHORT.has(plainWord(value));

/** Returns the claim that marks a token as another kind, and the kind. */
export function kindByClaims(claims: JWTPayload): { claim: string; kind: OtherKind } | undefined {
  for (const claim of KIND_CLAIMS) {
    const kind = claims[claim] === undefined ? undefined : kindByWord(claims[claim]);
    if (kind !== undefined) return { claim, kind };
  }
  for (const claim of LOOSE_CLAIMS) {
    const kind = isWhole(claims[claim]) ? kindByWord(claims[claim]) : undefined;
    if (kind !== undefined) return { claim, kind };
  }
  // Descope marks a refresh token by `drn`, and Spring's refresh tokens carry the id of their access token in `ati`.
  if (kindByWord(claims.drn) === 'refresh') return { claim: 'drn', kind: 'refresh' };
  return claims.ati === undefined || claims.ati === null ? undefined : { claim: 'ati', kind: 'refresh' };
}

const ACCESS_WORDS = new Set(['bearer', 'dpop', 'access', 'accesstoken', 'at', 'atjwt']);

/** Whether a token marks itself as an access token. */
export function isAccessByClaims(claims: JWTPayload): boolean {
  return KIND_CLAIMS.some((claim) => {
    const value = claims[claim];
    return typeof value === 'string' && ACCESS_WORDS.has(plainWord(value));
  });
}
