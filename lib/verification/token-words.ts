import type { JWTPayload } from 'jose';

/** What a token says of itself that it is, where that is not an access token. */
export type OtherKind = 'refresh' | 'id' | 'logout' | 'other';

/** Claims in which products write what kind of token it is. */
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

/** Claims that also say other things, in which only whole words count. */
const LOOSE_CLAIMS = ['use', 'kind', 'purpose'] as const;

/** In lower case and without separators: products write one word in many ways. */
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

/** Words of {@link WORDS} that mean something else where a claim is not about the kind of a token. */
const SHORT = new Set(['rt', 'offline', 'id', 'it', 'logout', 'assertion']);

/** What a word means that says what kind of token it is; `undefined` where it may well be an access token. */
export function kindByWord(value: unknown): OtherKind | undefined {
  if (typeof value === 'string') return WORDS.get(plainWord(value));
  return Array.isArray(value) ? value.map(kindByWord).find((kind) => kind !== undefined) : undefined;
}

const isWhole = (value: unknown): boolean => typeof value === 'string' && !SHORT.has(plainWord(value));

/** The claim that says that a token is of another kind, and which. */
export function kindByClaims(claims: JWTPayload): { claim: string; kind: OtherKind } | undefined {
  for (const claim of KIND_CLAIMS) {
    const kind = claims[claim] === undefined ? undefined : kindByWord(claims[claim]);
    if (kind !== undefined) return { claim, kind };
  }
  for (const claim of LOOSE_CLAIMS) {
    const kind = isWhole(claims[claim]) ? kindByWord(claims[claim]) : undefined;
    if (kind !== undefined) return { claim, kind };
  }
  // Descope's name for a refresh token, and Spring's claim for the access token beside one.
  if (kindByWord(claims.drn) === 'refresh') return { claim: 'drn', kind: 'refresh' };
  return claims.ati === undefined || claims.ati === null ? undefined : { claim: 'ati', kind: 'refresh' };
}

const ACCESS_WORDS = new Set(['bearer', 'dpop', 'access', 'accesstoken', 'at', 'atjwt']);

/** Whether a token says of itself that it is an access token. */
export function isAccessByClaims(claims: JWTPayload): boolean {
  return KIND_CLAIMS.some((claim) => {
    const value = claims[claim];
    return typeof value === 'string' && ACCESS_WORDS.has(plainWord(value));
  });
}
