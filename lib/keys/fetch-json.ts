import { boundedRequest, type RequestOptions } from '../http/bounded-request.js';

/** A fetched document. */
export interface FetchedJson {
  readonly json: unknown;
  /** Seconds that `Cache-Control` allows to keep it; `undefined` if it says nothing. */
  readonly maxAge: number | undefined;
}

/** How a URL is fetched. */
export type FetchOptions = Pick<RequestOptions, 'ca' | 'signal'>;

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

function checkStatus(status: number): void {
  if (status !== 200) throw new HttpStatusError(status);
}

async function fetchBody(url: URL, options: FetchOptions): Promise<{ body: Buffer; maxAge: number | undefined }> {
  const { body, headers } = await boundedRequest(url, { ...options, headers: HEADERS, checkStatus });
  return { body, maxAge: maxAgeOf(headers['cache-control']) };
}

/**
 * Fetches a JSON document from an identity provider: 200 only, no redirects, no cookies, 256 KiB at most.
 * @throws Error whose message says what was wrong; it quotes nothing of the answer.
 */
export async function fetchJson(url: URL, options: FetchOptions): Promise<FetchedJson> {
  const { body, maxAge } = await fetchBody(url, options);
  return { json: parse(body), maxAge };
}

/** The same for a document that is a text, such as a PEM. */
export async function fetchText(
  url: URL,
  options: FetchOptions,
): Promise<{ text: string; maxAge: number | undefined }> {
  const { body, maxAge } = await fetchBody(url, options);
  return { text: body.toString('utf8'), maxAge };
}

/** The provider answered, with another status than 200. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;

  constructor(status: number) {
    super(`the answer has the status ${status}`);
    this.status = status;
  }
}
