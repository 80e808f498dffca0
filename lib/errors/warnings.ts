import { types } from 'node:util';

/** Matches JWTs, and credentials that follow the name of their scheme, in the text of an exception. */
const CREDENTIALS = /\beyJ[\w-]{4,}(?:\.[\w-]*)*|\b(Bearer|Basic|DPoP)\s+[\w.~+/=-]{8,}/gi;

/** Replaces what looks like a token or another credential in a text that is meant for a log. */
export function withoutCredentials(text: string): string {
  return text.replace(CREDENTIALS, (_found, scheme?: string) => (scheme === undefined ? '[token]' : `${scheme} […]`));
}

const warned = new WeakMap<object, Set<string>>();

function isFirst(place: string, owner: object): boolean {
  const places = warned.get(owner) ?? new Set();
  warned.set(owner, places);
  if (places.has(place)) return false;
  places.add(place);
  return true;
}

/** Whether a value is an exception, including those of another realm (`vm`) and of the platform (`DOMException`). */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** Returns the stack of an exception, or the text of a thrown value that is none. */
function stackOf(thrown: unknown): string {
  if (isError(thrown)) return thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  try {
    return String(thrown);
  } catch {
    return 'something that has no text';
  }
}

const ANSWERED = 'the request is answered with 503';

/**
 * Warns the operator of an exception by a warning of the process (`process.on('warning')`, by default on stderr), once
 * per place, because one mistake fails every request. What looks like a token is replaced.
 *
 * @param place name of the option or function that threw, for example `oidcBearer.validators`.
 * @param owner object that the place belongs to: two methods with one mistake each warn twice.
 * @param consequence what follows from it, as a sentence without its end.
 */
export function warnOnce(place: string, owner: object, thrown: unknown, consequence = ANSWERED): void {
  if (!isFirst(place, owner)) return;
  process.emitWarning(`${place} threw, and ${consequence}. Further exceptions here are not shown.`, {
    type: 'SallyportWarning',
    detail: withoutCredentials(stackOf(thrown)),
  });
}

const ADVISED = {};

/**
 * Tells the developer, by a warning of the process, of what is legal and rarely meant: once per place, and not where
 * `NODE_ENV` is `production`.
 */
export function advise(place: string, advice: string): void {
  if (process.env.NODE_ENV === 'production' || !isFirst(place, ADVISED)) return;
  process.emitWarning(`${place}: ${advice}`, { type: 'SallyportWarning' });
}

const UNFORESEEN = {};

/** Warns the operator of an unforeseen exception, once per place that its stack names. */
export function warnUnforeseen(thrown: unknown): void {
  const origin = isError(thrown) ? /\n\s*(at .*)/.exec(thrown.stack ?? '')?.[1] : undefined;
  warnOnce(`Something unforeseen ${origin ?? ''}`.trim(), UNFORESEEN, thrown);
}
