import type { IncomingHttpHeaders } from 'node:http';
import { boundedRequest, type RequestOptions } from '../http/bounded-request.js';
import type { KeyRequest } from './key-request.js';

/** A fetched document. */
export interface FetchedJson {
  readonly json: unknown;
  /** Seconds that `Cache-Control` allows to keep it; `undefined` if it says nothing. */
  readonly maxAge: number | undefined;
}

/** Options of {@link fetchJson}. */
export interface FetchOptions extends Pick<RequestOptions, 'ca' | 'signal'> {
  /**
   * Headers and proxy that the application asked for.
   * @default none
   */
  readonly keyRequest?: KeyRequest | undefined;
}

/** Longest part of a redirection's target that goes into a message. */
const MAX_TARGET_LENGTH = 256;
const HEADERS = { accept: 'application/json, application/jwk-set+json' };

function maxAgeOf(cacheControl: string | undefined): number | undefined {
  if (cacheControl === undefined) return undefined;
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return 0;
  const seconds = /\bmax-age="?(\d+)\b/i.exec(cacheControl)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function parse(body: Buffer): unknown {
  try {
    // A decoder, because it takes the byte order mark that some servers put in front.
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Error('the answer is not JSON');
  }
}

/** Where a redirection points, without what may be a secret in it: origin and path, no query, no user name. */
function redirectTarget(location: string | undefined, from: URL): string | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const { origin, pathname, protocol } = new URL(location, from);
  const place = origin === 'null' ? protocol : `${origin}${pathname}`;
  return place.length > MAX_TARGET_LENGTH ? `${place.slice(0, MAX_TARGET_LENGTH)}…` : place;
}

async function fetchBody(
  url: URL,
  { ca, signal, keyRequest }: FetchOptions,
): Promise<{ body: Buffer; maxAge: number | undefined }> {
  const checkAnswer = (status: number, { location }: IncomingHttpHeaders) => {
    if (status === 200) return;
    const target = status >= 300 && status < 400 ? redirectTarget(location, url) : undefined;
    throw new HttpStatusError(status, target);
  };
  const asked = { ...HEADERS, ...(await keyRequest?.headersFor(url)) };
  const agent = await keyRequest?.agentFor(signal);
  const { body, headers } = await boundedRequest(url, { ca, signal, agent, headers: asked, checkAnswer });
  return { body, maxAge: maxAgeOf(headers['cache-control']) };
}

/**
 * Fetches a JSON document from an identity provider: 200 only, no redirects, no cookies, 256 KiB at most.
 * @throws {Error} when there is no usable answer. The message says why and quotes nothing of the answer.
 */
export async function fetchJson(url: URL, options: FetchOptions): Promise<FetchedJson> {
  const { body, maxAge } = await fetchBody(url, options);
  return { json: parse(body), maxAge };
}

/**
 * Fetches a document that is a text, such as a PEM, within the bounds of {@link fetchJson}.
 * @throws {Error} when there is no usable answer. The message says why and quotes nothing of the answer.
 */
export async function fetchText(
  url: URL,
  options: FetchOptions,
): Promise<{ text: string; maxAge: number | undefined }> {
  const { body, maxAge } = await fetchBody(url, options);
  return { text: body.toString('utf8'), maxAge };
}

/** The address answered with another status than 200. Redirections are named with their target and not followed. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;

  constructor(status: number, redirectedTo?: string) {
    const target = redirectedTo === undefined ? '' : `, a redirection to ${redirectedTo}, which is not followed`;
    super(`the answer has the status ${status}${target}`);
    this.status = status;
  }
}
