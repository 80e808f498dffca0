import { AuthError, InvalidRequestError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { AuthRequest } from './request.js';
import type { TokenFrom, TokenGetter, TokenSource } from './token-source.js';

/** A token as it was presented: the text, and every place of one method where it stood. */
export interface FoundToken {
  readonly token: string;
  readonly sources: readonly TokenSource[];
}

/**
 * A getter that throws at once has tripped over a strange request: a malformed one, and never a 500. One whose
 * promise rejects had somebody to ask and got no answer, which is an outage and left to be one.
 */
async function runGetter(getter: TokenGetter, req: AuthRequest): Promise<readonly string[]> {
  let answer: unknown;
  try {
    answer = getter(req);
  } catch (thrown) {
    throw thrown instanceof AuthError ? thrown : new InvalidRequestError('request_malformed', { cause: thrown });
  }
  const token: unknown = await answer;
  if (token === undefined || token === null || token === '') return [];
  if (typeof token !== 'string') throw new InvalidRequestError('request_malformed');
  return [token];
}

/** Two functions are two places, unless they are one and the same. */
const getterPlaces = new WeakMap<TokenGetter, string>();
let getterCount = 0;

function placeOf(getter: TokenGetter): string {
  const place = getterPlaces.get(getter) ?? `function ${getter.name} #${++getterCount}`;
  getterPlaces.set(getter, place);
  return place;
}

function asSource(option: string, item: TokenSource | TokenGetter): TokenSource {
  if (typeof item === 'function') {
    return { place: placeOf(item), read: (req) => runGetter(item, req), remove: () => undefined };
  }
  if (typeof item?.read === 'function' && typeof item.remove === 'function' && typeof item.place === 'string') {
    return item;
  }
  throw new ConfigurationError(
    option,
    'expects fromBearer(), fromHeader(), fromQuery(), fromCookie(), fromBody(), a function, or an array of these',
  );
}

/** Brings the option `tokenFrom` into one form. @throws ConfigurationError for anything that is not a source. */
export function resolveTokenSources(option: string, tokenFrom: TokenFrom): readonly TokenSource[] {
  const items: readonly (TokenSource | TokenGetter)[] = Array.isArray(tokenFrom) ? tokenFrom : [tokenFrom];
  const sources = items.map((item) => asSource(option, item));
  if (sources.length === 0) throw new ConfigurationError(option, 'expects at least one source');
  return sources;
}

/**
 * Looks in all places of one method. The same token in several places counts once; two different ones are
 * ambiguous, because a proxy in front may have judged the one and we would judge the other.
 */
export async function findToken(sources: readonly TokenSource[], req: AuthRequest): Promise<FoundToken | undefined> {
  let token: string | undefined;
  const places: TokenSource[] = [];
  for (const source of sources) {
    for (const value of await source.read(req)) {
      if (token !== undefined && token !== value) throw new InvalidRequestError('credentials_ambiguous');
      token = value;
      if (!places.includes(source)) places.push(source);
    }
  }
  return token === undefined ? undefined : { token, sources: places };
}
