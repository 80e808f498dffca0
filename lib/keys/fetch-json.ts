import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** In all: connecting, TLS, headers and body. */
const TIMEOUT_MS = 5_000;
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
}

function open(url: URL, ca: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
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
  switch (response.headers['content-encoding'] ?? 'identity') {
    case 'identity':
      return response;
    case 'gzip':
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
  const seconds = /\bmax-age="?(\d{1,9})\b/i.exec(cacheControl)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Error('the answer is not JSON');
  }
}

/**
 * Fetches a JSON document from an identity provider: 200 only, no redirects, no cookies, five seconds and
 * 256 KiB at most.
 * @throws Error whose message says what was wrong; it quotes nothing of the answer.
 */
export async function fetchJson(url: URL, { ca }: FetchOptions = {}): Promise<FetchedJson> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let response: IncomingMessage | undefined;
  try {
    response = await open(url, ca, signal);
    if (response.statusCode !== 200) throw new HttpStatusError(response.statusCode ?? 0);
    return { json: parse(await readLimited(response)), maxAge: maxAgeOf(response.headers['cache-control']) };
  } catch (error) {
    if (signal.aborted) throw new Error(`no complete answer within ${TIMEOUT_MS / 1000} seconds`);
    throw error;
  } finally {
    response?.destroy();
  }
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
