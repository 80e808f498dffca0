import type { IncomingMessage } from 'node:http';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { RefusalStyle } from '../errors/responder.js';
import {
  dashedName,
  type HeaderReading,
  readHeader,
  removeHeader,
  sameHeader,
  type TakenHeaders,
} from '../tokens/headers.js';
import type { TokenSource } from '../tokens/token-source.js';

/** Record of one request: everything that Sallyport keeps about it. */
export interface RequestRecord {
  /** How refusals are answered: in the style of the last method that checked the request. */
  style: RefusalStyle | undefined;
  /** Styles of the methods that admitted the request, by which those methods are known. */
  passed: readonly RefusalStyle[];
  /**
   * Tokens that each of these methods accepted, in the order of `passed`; none where it admitted a request without one.
   */
  tokens: readonly (readonly string[])[];
  /** Headers removed from the request, so that a second method can still read them. */
  taken: Map<string, HeaderReading> | undefined;
  /**
   * Names of headers that methods write, whose values from the client were removed; present values are a method's own.
   */
  cleared: Set<string> | undefined;
}

const NO_METHODS: readonly RefusalStyle[] = [];
const NO_TOKENS: readonly (readonly string[])[] = [];

/** Base class whose constructor returns the request itself, so that {@link Recorded} adds its field to the request. */
class Given {
  constructor(req: IncomingMessage) {
    // biome-ignore lint/correctness/noConstructorReturn: the one way to give a private field to an object of another class.
    return req;
  }
}

/**
 * Adds a private field with the record to a request. Like an entry of a WeakMap it ends with the request, nothing
 * outside this class sees or copies it, and no property shows. A WeakMap costs more: the garbage collector copies its
 * values, with the token and the header in them, until it has seen that the key is gone, which took a third of the time
 * of a request whose token is cached.
 */
class Recorded extends Given {
  readonly #record: RequestRecord = {
    style: undefined,
    passed: NO_METHODS,
    tokens: NO_TOKENS,
    taken: undefined,
    cleared: undefined,
  };

  /** Returns the record of a request; `undefined` where it has none. */
  static find(req: IncomingMessage): RequestRecord | undefined {
    return #record in req ? req.#record : undefined;
  }

  /** Returns the record of a request, and creates it on first use. */
  static of(req: IncomingMessage): RequestRecord {
    return #record in req ? req.#record : new Recorded(req).#record;
  }
}

/** Returns the record of a request, and creates it on first use. */
export const recordOf = (req: IncomingMessage): RequestRecord => Recorded.of(req);

// RFC 6750 section 3 asks for one parameter at least in every challenge.
const PLAIN: RefusalStyle = { realm: 'api', respond: undefined, exposeReason: false };

/**
 * Returns how a guard answers a refusal: in the style of the method before it, or as problem+json where there is none.
 */
export function refusalStyleOf(req: IncomingMessage): RefusalStyle {
  return Recorded.find(req)?.style ?? PLAIN;
}

/** Returns the headers removed from a request, for reading tokens in them. */
export function takenHeaders(req: IncomingMessage): TakenHeaders | undefined {
  return Recorded.find(req)?.taken;
}

/**
 * Records that a method admitted the request.
 * @param only style of the method, in a list that is made once.
 * @param tokens tokens that the method accepted.
 */
export function notePassed(record: RequestRecord, only: readonly [RefusalStyle], tokens: readonly string[]): void {
  const [style] = only;
  record.style = style;
  if (record.passed.length === 0) {
    record.passed = only;
    record.tokens = [tokens];
    return;
  }
  const others = record.passed.filter((passed) => passed !== style);
  record.tokens = [...others.map((other) => acceptedTokens(record, other)), tokens];
  record.passed = [...others, style];
}

/** Returns the tokens that a method accepted for the request. */
export function acceptedTokens({ passed, tokens }: RequestRecord, style: RefusalStyle): readonly string[] {
  return tokens[passed.indexOf(style)] ?? [];
}

function takeHeader(req: IncomingMessage, name: string, record: RequestRecord): void {
  record.taken ??= new Map();
  record.taken.set(dashedName(name), readHeader(req, name, record.taken));
  removeHeader(req, name);
}

/**
 * Lists the headers of a request that a name matches; a name that ends in `*` matches every one with that beginning.
 */
function presentHeaders({ headers }: IncomingMessage, name: string): readonly string[] {
  return Object.keys(headers)
    .filter((written) => sameHeader(written, name))
    .map(dashedName);
}

/**
 * Removes headers that came from outside, once; a value that a method has written since stays. Later methods can still
 * read the removed ones, such as a load balancer's access token beside its signed header.
 */
function clearOwnHeader(req: IncomingMessage, name: string, record: RequestRecord): void {
  record.cleared ??= new Set();
  if (record.cleared.has(name)) return;
  for (const present of presentHeaders(req, name)) takeHeader(req, present, record);
  removeHeader(req, name);
  record.cleared.add(name);
}

const NO_HEADERS = 'a request needs headers, also a stand-in for one in a test: { headers: {} } at least';

function assertRequest({ headers }: { readonly headers?: unknown }): void {
  if (typeof headers === 'object' && headers !== null) return;
  throw new ServiceUnavailableError('check_failed', { cause: new TypeError(NO_HEADERS) });
}

/**
 * Removes the identity headers of a request, so that handlers see no forged ones. Methods that read these headers still
 * find them.
 */
export function clearIdentityHeaders(
  req: IncomingMessage,
  { sources, ownHeaders = [] }: { sources: readonly TokenSource[]; ownHeaders?: readonly string[] },
  record = recordOf(req),
): void {
  assertRequest(req);
  for (const { identityHeader } of sources) if (identityHeader !== undefined) takeHeader(req, identityHeader, record);
  for (const header of ownHeaders) clearOwnHeader(req, header, record);
}
