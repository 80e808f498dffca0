import type { Awaitable } from '../clock/awaitable.js';
import { applicationCode, applicationFault } from '../errors/application-code.js';
import { InvalidRequestError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { TakenHeaders } from './headers.js';
import type { AuthRequest } from './request.js';
import type { TokenFrom, TokenGetter, TokenSource } from './token-source.js';

/** A token as it was presented: the text, and every place of one method where it stood. */
export interface FoundToken {
  readonly token: string;
  readonly sources: readonly TokenSource[];
}

const NO_TEXT = { detail: { problem: 'the tokenFrom function answered with something that is no text' } };

/** Asks a function of the application's. Nothing, `null` and an empty text are no token; what is no text is malformed. */
async function runGetter(getter: TokenGetter, req: AuthRequest): Promise<readonly string[]> {
  const token: unknown = await getter(req);
  if (token === undefined || token === null || token === '') return [];
  if (typeof token !== 'string') throw new InvalidRequestError('request_malformed', NO_TEXT);
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
    const getter = applicationCode(option, item);
    return { place: placeOf(item), read: (req) => runGetter(getter, req), remove: () => undefined };
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
 * What has been found after one more source. The same token in several places counts once; two different ones are
 * ambiguous, because a proxy in front may have judged the one and we would judge the other.
 */
function withSource(
  before: FoundToken | undefined,
  source: TokenSource,
  values: readonly string[],
): FoundToken | undefined {
  let found = before;
  for (const token of values) {
    if (found === undefined) found = { token, sources: [source] };
    else if (found.token !== token) throw twoTokens([...found.sources, source]);
    else if (!found.sources.includes(source)) found = { token, sources: [...found.sources, source] };
  }
  return found;
}

/** Reads one place. A source of the application's own may throw, and so do ours where a parser is missing before them. */
function readPlace(source: TokenSource, ...request: Parameters<TokenSource['read']>): Awaitable<readonly string[]> {
  try {
    const values = source.read(...request);
    return 'then' in values ? Promise.resolve(values).catch((thrown: unknown) => failedPlace(source, thrown)) : values;
  } catch (thrown) {
    return failedPlace(source, thrown);
  }
}

function failedPlace(source: TokenSource, thrown: unknown): never {
  throw applicationFault(`tokenFrom (${source.place})`, source, thrown);
}

function twoTokens(sources: readonly TokenSource[]): InvalidRequestError {
  const places = [...new Set(sources.map(({ place }) => place))].join(' and ');
  return new InvalidRequestError('credentials_ambiguous', {
    detail: { problem: `two different tokens stand in ${places}` },
  });
}

async function findInAll(
  sources: readonly TokenSource[],
  ...request: Parameters<TokenSource['read']>
): Promise<FoundToken | undefined> {
  let found: FoundToken | undefined;
  for (const source of sources) found = withSource(found, source, await readPlace(source, ...request));
  return found;
}

async function findLater(source: TokenSource, values: Promise<readonly string[]>): Promise<FoundToken | undefined> {
  return withSource(undefined, source, await values);
}

/** Reads all places, whatever stands there. */
export async function everyToken(
  sources: readonly TokenSource[],
  ...request: Parameters<TokenSource['read']>
): Promise<readonly string[]> {
  const found = await Promise.all(sources.map((source) => readPlace(source, ...request)));
  return found.flat();
}

/**
 * Looks in all places of one method; at once, where there is one and nothing to wait for.
 * @param taken headers that a method took off the request.
 */
export function findToken(
  sources: readonly TokenSource[],
  req: AuthRequest,
  taken: TakenHeaders | undefined,
): Awaitable<FoundToken | undefined> {
  const [only] = sources;
  if (only === undefined || sources.length > 1) return findInAll(sources, req, taken);
  const values = readPlace(only, req, taken);
  return values instanceof Promise ? findLater(only, values) : withSource(undefined, only, values);
}
