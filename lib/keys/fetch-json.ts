import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** After decompression. The largest real key sets have a tenth of this. */
const MAX_BYTES = 262_144;

/** A fetched document. */
export interface FetchedJson {
  readonly json: unknown;
  /** Seconds that `Cache-Control` allows to keep it; `undefined` if it says nothing. */
  readonly maxAge: number | undefined;
}

/** How a URL is fetched. */
export interface FetchOptions {
  /** PEM certificates that replace the system's roots. */
  readonly ca?: string | undefined;
  /** Ends the fetch wherever it is: connecting, TLS, headers or body. */
  readonly signal: AbortSignal;
}

function open(url: URL, { ca, signal }: FetchOptions): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // A connection of its own: an idle one from the last refresh, minutes ago, may be half dead.
    const headers = { accept: 'application/json, application/jwk-set+json', 'accept-encoding': 'identity' };
    request(url, { agent: false, headers, signal, ...(ca === undefined ? {} : { ca }) }, resolve)
      .on('error', reject)
      .end();
  });
}

/** Some servers compress unasked; the limit then counts what comes out, not what came in. */
function decoded(response: IncomingMessage): Readable {
  const fail = (error: Error) => decoder.destroy(error);
  let decoder: ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>;
  switch (response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
      return response;
    case 'gzip':
    case 'x-gzip':
      decoder = createGunzip();
      break;
    case 'deflate':
      decoder = createInflate();
      break;
    case 'br':
      decoder = createBrotliDecompress();
      break;
    default:
      throw new Error('the answer has an unknown content encoding');
  }
  return response.on('error', fail).pipe(decoder);
}

async function readLimited(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decoded(response) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

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

async function fetchBody(url: URL, options: FetchOptions): Promise<{ body: Buffer; maxAge: number | undefined }> {
  const { signal } = options;
  let response: IncomingMessage | undefined;
  try {
    response = await open(url, options);
    if (response.statusCode !== 200) throw new HttpStatusError(response.statusCode ?? 0);
    return { body: await readLimited(response), maxAge: maxAgeOf(response.headers['cache-control']) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    response?.destroy();
  }
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
