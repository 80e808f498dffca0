import type { Awaitable } from '../clock/awaitable.js';
import { applicationCode, applicationFault } from '../errors/application-code.js';
import { InvalidRequestError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { described } from '../options/described.js';
import { inOrder, isFirstOf } from './first-of.js';
import type { TakenHeaders } from './headers.js';
import type { AuthRequest } from './request.js';
import type { FirstOf, TokenFrom, TokenGetter, TokenSource } from './token-source.js';

/** Token that was found in a request, with the sources of one method that found it. */
export interface FoundToken {
  readonly token: string;
  readonly sources: readonly TokenSource[];
}

const NO_TEXT = { detail: { problem: 'the tokenFrom function answered with something that is no text' } };

/**
 * Calls a token function of the application. `undefined`, `null` and an empty text are no token; any other value that
 * is no text is a 400.
 */
async function runGetter(getter: TokenGetter, req: AuthRequest): Promise<readonly string[]> {
  const token: unknown = await getter(req);
  if (token === undefined || token === null || token === '') return [];
  if (typeof token !== 'string') throw new InvalidRequestError('request_malformed', NO_TEXT);
  return [token];
}

/** Names of places by function: two functions are two places, and one function is one place in every method. */
const getterPlaces = new WeakMap<TokenGetter, string>();
let getterCount = 0;

function placeOf(getter: TokenGetter): string {
  const place = getterPlaces.get(getter) ?? `function ${getter.name} #${++getterCount}`;
  getterPlaces.set(getter, place);
  return place;
}

/** Names of the functions that make sources. One that was not called would be taken for a function of the application. */
const SOURCE_FACTORY = /^(?:from(?:Bearer|Basic|Header|Query|Cookie|Body)|firstOf)$/;

/**
 * Refuses two sources of one place, because the token of one header, read with a scheme and without it, is two
 * different tokens, and so every request is ambiguous.
 */
function assertDistinct(option: string, sources: readonly TokenSource[]): void {
  for (const [index, source] of sources.entries()) {
    const rival = sources
      .slice(0, index)
      .find(({ place, prefix }) => place === source.place && (prefix === source.prefix || !prefix || !source.prefix));
    if (rival !== undefined)
      throw new ConfigurationError(option, `reads one place twice (${source.place}); leave one of the two sources out`);
  }
}

function asSource(option: string, item: TokenSource | TokenGetter | FirstOf): TokenSource {
  if (typeof item === 'function') {
    if (SOURCE_FACTORY.test(item.name))
      throw new ConfigurationError(option, `is the function ${item.name} itself; call it: ${item.name}(…)`);
    const getter = applicationCode(option, item);
    return { place: placeOf(item), read: (req) => runGetter(getter, req), remove: () => undefined };
  }
  if (
    item !== null &&
    !isFirstOf(item) &&
    typeof item?.read === 'function' &&
    typeof item.remove === 'function' &&
    typeof item.place === 'string'
  ) {
    return item;
  }
  const expected =
    'expects fromBearer(), fromHeader(), fromQuery(), fromCookie(), fromBody(), a function, or an array of these';
  throw new ConfigurationError(option, `${expected}, and this is ${described(item)}`);
}

/**
 * Resolves the option `tokenFrom` to a list of sources.
 * @throws {ConfigurationError} when it is empty, or an entry is no source.
 */
export function resolveTokenSources(option: string, tokenFrom: TokenFrom): readonly TokenSource[] {
  const items: readonly (TokenSource | TokenGetter | FirstOf)[] = [tokenFrom].flat();
  const [ordered] = items;
  const isOrdered = items.length === 1 && isFirstOf(ordered);
  if (!isOrdered && items.some(isFirstOf))
    throw new ConfigurationError(option, 'has firstOf() among other places; put them all into firstOf(), or none');
  const sources = (isOrdered ? ordered.firstOf : items).map((item) => asSource(option, item));
  if (sources.length === 0)
    throw new ConfigurationError(option, 'expects at least one source, and this is an empty list');
  assertDistinct(option, sources);
  return isOrdered ? inOrder(sources) : sources;
}

/**
 * Adds the values of one source to the token found so far. Equal tokens in several places count once. Two different
 * ones are ambiguous, because a proxy in front may have checked one and this method would check the other.
 * @throws {InvalidRequestError} `credentials_ambiguous`.
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

/**
 * Reads one source. An exception becomes a 503: a source of the application may throw, and so does one whose parser is
 * not mounted.
 */
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

/** Whether a place that `firstOf()` puts before this one holds a token. */
function isPreceded({ unless }: TokenSource, found: readonly TokenSource[] = []): boolean {
  return unless !== undefined && found.some(({ place }) => unless.includes(place));
}

async function findInAll(
  sources: readonly TokenSource[],
  ...request: Parameters<TokenSource['read']>
): Promise<FoundToken | undefined> {
  let found: FoundToken | undefined;
  for (const source of sources) {
    if (!isPreceded(source, found?.sources)) found = withSource(found, source, await readPlace(source, ...request));
  }
  return found;
}

async function findLater(source: TokenSource, values: Promise<readonly string[]>): Promise<FoundToken | undefined> {
  return withSource(undefined, source, await values);
}

/** Reads all sources, and returns every token in them that is a credential. */
export async function everyToken(
  sources: readonly TokenSource[],
  ...request: Parameters<TokenSource['read']>
): Promise<readonly string[]> {
  const found: { source: TokenSource; values: readonly string[] }[] = [];
  for (const source of sources) {
    const before = found.map((each) => each.source);
    const values = isPreceded(source, before) ? [] : await readPlace(source, ...request);
    if (values.length > 0) found.push({ source, values });
  }
  return found.flatMap(({ values }) => values);
}

/**
 * Finds the token of a request in the sources of one method. The answer is synchronous where there is one source and it
 * answers synchronously.
 * @param taken headers that a method removed from the request.
 * @throws {InvalidRequestError} `credentials_ambiguous` or `request_malformed`.
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
