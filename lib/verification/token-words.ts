import type { JWTPayload } from 'jose';

/** Kind that a token names itself, other than access token. */
export type OtherKind = 'refresh' | 'id' | 'logout' | 'other';

/** What a claim tells by its name: `kind` names the kind of a token, `loose` has other uses too, `refresh` is a flag. */
type NameRole = 'kind' | 'loose' | 'is-refresh' | 'is-id' | 'drn' | 'ati';

/**
 * Claims in which products write the kind of a token, without case and separators. Descope marks a refresh token by
 * `drn`, and Spring's refresh tokens carry the id of their access token in `ati`.
 */
const NAMES: ReadonlyMap<string, NameRole> = new Map([
  ...['typ', 'type', 'tty'].map((name) => [name, 'kind'] as const),
  ...['token', 'jwt', 'tkn'].flatMap((noun) =>
    ['typ', 'type', 'use', 'usage', 'kind', 'class', 'category', 'purpose'].map(
      (name) => [`${noun}${name}`, 'kind'] as const,
    ),
  ),
  ...['use', 'usage', 'kind', 'purpose', 'class', 'category'].map((name) => [name, 'loose'] as const),
  ...['isrefreshtoken', 'isrefresh'].map((name) => [name, 'is-refresh'] as const),
  ['isidtoken', 'is-id'],
]);

/** Most names whose role is remembered; a token that is new has names that were seen before. */
const MAX_ROLES = 500;
const LONGEST = 128;
const roles = new Map<string, NameRole | undefined>([
  ['drn', 'drn'],
  ['ati', 'ati'],
]);

/** Writes a word in lower case and without separators, because products spell it in many ways. */
const plainWord = (value: string): string => value.toLowerCase().replace(/[^a-z0-9]/g, '');

function findRole(name: string): NameRole | undefined {
  const own = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('#'), name.lastIndexOf(':')) + 1);
  const role = NAMES.get(plainWord(own));
  // A name of somebody's own namespace may mean something else.
  return role === 'kind' && own !== name ? 'loose' : role;
}

function roleOf(name: string): NameRole | undefined {
  const known = roles.get(name);
  if (known !== undefined || roles.has(name)) return known;
  if (name.length > LONGEST) return undefined;
  const role = findRole(name);
  if (roles.size < MAX_ROLES) roles.set(name, role);
  return role;
}

/** Words of other kinds. They count in the plural too, and with `token` or `jwt` before or behind them. */
const WORDS: ReadonlyMap<string, OtherKind> = new Map([
  ...['refresh', 'rt', 'offline', 'offlineaccess', 'dsr'].map((word) => [word, 'refresh'] as const),
  ...['id', 'identitytoken', 'it'].map((word) => [word, 'id'] as const),
  ...['logout', 'backchannellogout'].map((word) => [word, 'logout'] as const),
  ...[
    'secevent',
    'securityevent',
    'dpopjwt',
    'dpopproof',
    'proof',
    'assertion',
    'samlassertion',
    'clientassertion',
    'clientauthentication',
    'requestobject',
    'oauthauthzreq',
    'authorizationcode',
    'authcode',
  ].map((word) => [word, 'other'] as const),
]);

/** Short words of {@link WORDS} that have another meaning in claims of other uses. */
const SHORT = new Set(['rt', 'offline', 'id', 'it', 'logout', 'assertion', 'proof']);

/** Returns the kind that a word names; `undefined` where the token may be an access token. */
export function kindByWord(value: unknown): OtherKind | undefined {
  if (typeof value === 'string') {
    if (value.length > LONGEST) return undefined;
    const word = plainWord(value);
    return WORDS.get(word) ?? WORDS.get(word.replace(/^(?:token|jwt)+|(?:tokens?|jwts?)+$/g, ''));
  }
  return Array.isArray(value) ? value.map(kindByWord).find((kind) => kind !== undefined) : undefined;
}

const isWhole = (value: unknown): boolean => typeof value === 'string' && !SHORT.has(plainWord(value));

const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === 1;

/** Returns the kind that one claim names. */
function kindByClaim(role: NameRole, value: unknown): OtherKind | undefined {
  switch (role) {
    case 'kind':
      return kindByWord(value);
    case 'loose':
      return isWhole(value) ? kindByWord(value) : undefined;
    case 'is-refresh':
      return isTrue(value) ? 'refresh' : undefined;
    case 'is-id':
      return isTrue(value) ? 'id' : undefined;
    case 'drn':
      return kindByWord(value) === 'refresh' ? 'refresh' : undefined;
    case 'ati':
      return value === undefined || value === null ? undefined : 'refresh';
  }
}

/** Returns the claim or header member that marks a token as another kind, and the kind; ID tokens come last. */
export function kindByClaims(claims: JWTPayload): { claim: string; kind: OtherKind } | undefined {
  let id: string | undefined;
  for (const claim of Object.keys(claims)) {
    const role = roleOf(claim);
    const kind = role === undefined ? undefined : kindByClaim(role, claims[claim]);
    if (kind === 'id') id ??= claim;
    else if (kind !== undefined) return { claim, kind };
  }
  return id === undefined ? undefined : { claim: id, kind: 'id' };
}

const ACCESS_WORDS = new Set(['bearer', 'dpop', 'access', 'accesstoken', 'at', 'atjwt']);

/** Whether a token marks itself as an access token. */
export function isAccessByClaims(claims: JWTPayload): boolean {
  return Object.entries(claims).some(
    ([name, value]) => roleOf(name) === 'kind' && typeof value === 'string' && ACCESS_WORDS.has(plainWord(value)),
  );
}
