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

/** Everything that is remembered about one request while it is under way. */
export interface RequestRecord {
  /** How its refusals are answered: as the last method that looked at it would. */
  style: RefusalStyle | undefined;
  /** The methods that let it pass, each by its style. */
  passed: readonly RefusalStyle[];
  /** The tokens that each of them accepted, in the order of `passed`; none where it passed without. */
  tokens: readonly (readonly string[])[];
  /** Headers that were taken off it, so that a second method may still read them. */
  taken: Map<string, HeaderReading> | undefined;
  /** Names of headers that methods write: what came from outside is gone, and what stands there now stays. */
  cleared: Set<string> | undefined;
}

/** The one table on the way of a request: what methods leave for methods and guards further on. */
const records = new WeakMap<IncomingMessage, RequestRecord>();

const NO_METHODS: readonly RefusalStyle[] = [];
const NO_TOKENS: readonly (readonly string[])[] = [];

/** The record of a request, which begins here if nobody has looked at it before. */
export function recordOf(req: IncomingMessage): RequestRecord {
  const known = records.get(req);
  if (known !== undefined) return known;
  const record: RequestRecord = {
    style: undefined,
    passed: NO_METHODS,
    tokens: NO_TOKENS,
    taken: undefined,
    cleared: undefined,
  };
  records.set(req, record);
  return record;
}

const PLAIN: RefusalStyle = { realm: undefined, respond: undefined, exposeReason: false };

/** How a request is refused by a guard: as the method before it would, or as problem+json where there is none. */
export function refusalStyleOf(req: IncomingMessage): RefusalStyle {
  return records.get(req)?.style ?? PLAIN;
}

/** The headers that were taken off a request, for those who look for tokens in it. */
export function takenHeaders(req: IncomingMessage): TakenHeaders | undefined {
  return records.get(req)?.taken;
}

/**
 * Notes that a method let the request pass.
 * @param only the method alone, as a list that is made once.
 * @param tokens what it accepted.
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

/** The tokens by which a method let the request pass. */
export function acceptedTokens({ passed, tokens }: RequestRecord, style: RefusalStyle): readonly string[] {
  return tokens[passed.indexOf(style)] ?? [];
}

function takeHeader(req: IncomingMessage, name: string, record: RequestRecord): void {
  record.taken ??= new Map();
  record.taken.set(dashedName(name), readHeader(req, name, record.taken));
  removeHeader(req, name);
}

/** The headers of a request that a name stands for; one that ends in `*` stands for all that begin so. */
function presentHeaders({ headers }: IncomingMessage, name: string): readonly string[] {
  return Object.keys(headers)
    .filter((written) => sameHeader(written, name))
    .map(dashedName);
}

/**
 * Takes off what came from outside, once; what a method has written since is not for the next one to remove. A later
 * method may still read what was taken, as a load balancer's access token beside its signed header.
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

/** Takes the headers that speak of identity off a request; the methods that read them still find them. */
export function clearIdentityHeaders(
  req: IncomingMessage,
  { sources, ownHeaders = [] }: { sources: readonly TokenSource[]; ownHeaders?: readonly string[] },
  record = recordOf(req),
): void {
  assertRequest(req);
  for (const { identityHeader } of sources) if (identityHeader !== undefined) takeHeader(req, identityHeader, record);
  for (const header of ownHeaders) clearOwnHeader(req, header, record);
}
