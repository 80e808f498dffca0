import { type Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Longest body in bytes, after decompression. The largest real key sets have a tenth of this. */
const MAX_BYTES = 262_144;

/** A client certificate for mutual TLS and its private key, both PEM. */
export interface ClientCertificate {
  /** Certificate, as PEM. */
  readonly cert: string;
  /** Private key of the certificate, as PEM. */
  readonly key: string;
}

/** Options of {@link boundedRequest}. */
export interface RequestOptions {
  /**
   * The HTTP method.
   * @default 'GET'
   */
  readonly method?: 'GET' | 'POST';
  /**
   * Headers beside those of the request itself.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The body, sent as UTF-8.
   * @default none
   */
  readonly body?: string | undefined;
  /**
   * PEM certificates that replace the system's roots.
   * @default the system's roots
   */
  readonly ca?: string | undefined;
  /**
   * Client certificate for mutual TLS.
   * @default none
   */
  readonly certificate?: ClientCertificate | undefined;
  /**
   * Pools or tunnels the connections; without it each request opens its own.
   * @default none
   */
  readonly agent?: Agent | undefined;
  /** Aborts the request at any stage: connecting, TLS, headers or body. */
  readonly signal: AbortSignal;
  /**
   * Refuses an answer by throwing, before its body is read.
   * @default every answer is taken
   */
  readonly checkAnswer?: (status: number, headers: IncomingHttpHeaders) => void;
}

/** A complete answer. */
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
    // Without an agent a new connection: an idle one of minutes ago may be half open.
    request(url, { method, agent, headers: { ...asked, ...length }, signal, ...tls }, resolve)
      .on('error', reject)
      // Told by the agent of a proxy: its own refusal is not the answer of the address that was asked for.
      .on('proxyConnect', ({ statusCode = 0 }: { statusCode?: number }) => {
        if (statusCode !== 200) reject(new Error(`the proxy answered with the status ${statusCode}`));
      })
      .end(body);
  });
}

/** Decompresses a body, because some servers compress unasked; the size limit counts the output. */
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
 * Sends a request to an identity provider within bounds: no redirects, no cookies, at most 256 KiB, no longer than
 * `signal` allows.
 * @throws {Error} when there is no usable answer. The message says why and quotes nothing of the answer.
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
