import { type Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** After decompression. The largest real key sets have a tenth of this. */
const MAX_BYTES = 262_144;

/** A certificate by which we show who we are, with its private key; both PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** How a URL is asked. */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** PEM certificates that replace the system's roots. */
  readonly ca?: string | undefined;
  readonly certificate?: ClientCertificate | undefined;
  /** Bounds the connections; without it each request opens its own. */
  readonly agent?: Agent | undefined;
  /** Ends the request wherever it is: connecting, TLS, headers or body. */
  readonly signal: AbortSignal;
  /** Refuses an answer before its body is read, by throwing. */
  readonly checkAnswer?: (status: number, headers: IncomingHttpHeaders) => void;
}

/** An answer, read to its end. */
export interface BoundedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function open(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { method = 'GET', headers, body, ca, certificate, agent = false, signal } = options;
  return new Promise((resolve, reject) => {
    const asked = { 'accept-encoding': 'identity', ...headers };
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const tls = { ...(ca === undefined ? {} : { ca }), ...certificate };
    // A connection of its own: an idle one from the last time, minutes ago, may be half dead.
    request(url, { method, agent, headers: { ...asked, ...length }, signal, ...tls }, resolve)
      .on('error', reject)
      // Told by the agent of a proxy: its own refusal is not the answer of the address that was asked for.
      .on('proxyConnect', ({ statusCode = 0 }: { statusCode?: number }) => {
        if (statusCode !== 200) reject(new Error(`the proxy answered with the status ${statusCode}`));
      })
      .end(body);
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

/**
 * Asks an identity provider: no redirects, no cookies, 256 KiB at most, and no longer than `signal` allows.
 * @throws Error whose message says what was wrong; it quotes nothing of the answer.
 */
export async function boundedRequest(url: URL, options: RequestOptions): Promise<BoundedAnswer> {
  const { signal, checkAnswer } = options;
  let response: IncomingMessage | undefined;
  try {
    response = await open(url, options);
    const { statusCode: status = 0, headers } = response;
    checkAnswer?.(status, headers);
    return { status, headers, body: await readLimited(response) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    response?.destroy();
  }
}
