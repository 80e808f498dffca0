import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/**
 * Fault of an endpoint by name:
 * - `html`: answers a page with status 200, as captive portals and proxies do
 * - `empty-object`: answers `{}`
 * - `no-keys`: answers `{"keys":[]}`
 * - `truncated`: answers the first half of the correct body
 * - `oversized`: answers the correct body, followed by 10 MB of white space
 * - `gzip-bomb`: answers the body of `oversized`, compressed to some 10 KB
 * - `endless-body`: sends status, headers and half of the body, and never the rest
 * - `no-answer`: never answers
 * - `disconnect`: closes the connection without an answer
 */
export type NamedFault =
  | 'html'
  | 'empty-object'
  | 'no-keys'
  | 'truncated'
  | 'oversized'
  | 'gzip-bomb'
  | 'endless-body'
  | 'no-answer'
  | 'disconnect';

/** Changes to the correct answer of an endpoint; absent members change nothing. */
export interface AlteredAnswer {
  /**
   * HTTP status.
   * @default the correct status, or 302 with `redirect`
   */
  readonly status?: number;
  /**
   * Headers to add or replace.
   * @default {}
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Body in place of the correct one; an object is sent as JSON.
   * @default the correct body
   */
  readonly body?: string | Uint8Array | object;
  /**
   * URL of a redirect.
   * @default undefined (no redirect)
   */
  readonly redirect?: string;
  /**
   * Seconds to wait before the answer.
   * @default 0
   */
  readonly delay?: number;
}

/** Fault of an endpoint: one with a name, or changes to the correct answer. */
export type IssuerFault = NamedFault | AlteredAnswer;

/** HTTP answer of a test issuer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const PADDING_BYTES = 10_000_000;
const PAGE = '<!doctype html><title>Sign in to the network</title><h1>Welcome</h1>';

/** Builds an answer with a JSON body. */
export function jsonAnswer(body: object, { status = 200, headers = {} }: Partial<Answer> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function alter(answer: Answer, { status, headers, body, redirect }: AlteredAnswer): Answer {
  const text = body === undefined ? answer.body : body;
  return {
    status: status ?? (redirect === undefined ? answer.status : 302),
    headers: { ...answer.headers, ...(redirect === undefined ? {} : { location: redirect }), ...headers },
    body: typeof text === 'string' || text instanceof Uint8Array ? text : JSON.stringify(text),
  };
}

function send(res: ServerResponse, { status, headers, body }: Answer): void {
  res.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  res.end(body);
}

/** Sends half of a body and never the rest; `stop()` and `close()` of the issuer close the connection. */
function sendHalf(res: ServerResponse, { status, headers, body }: Answer): void {
  res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  res.write(body.slice(0, body.length / 2));
}

const padded = ({ body }: Answer) => Buffer.concat([Buffer.from(body), Buffer.alloc(PADDING_BYTES, ' ')]);

const NAMED: Readonly<Record<NamedFault, (res: ServerResponse, answer: Answer) => void>> = {
  html: (res) => send(res, { status: 200, headers: { 'content-type': 'text/html' }, body: PAGE }),
  'empty-object': (res, answer) => send(res, alter(answer, { body: {} })),
  'no-keys': (res, answer) => send(res, alter(answer, { body: { keys: [] } })),
  truncated: (res, answer) => send(res, { ...answer, body: answer.body.slice(0, answer.body.length / 2) }),
  oversized: (res, answer) => send(res, { ...answer, body: padded(answer) }),
  'gzip-bomb': (res, answer) =>
    send(res, alter(answer, { body: gzipSync(padded(answer)), headers: { 'content-encoding': 'gzip' } })),
  'endless-body': sendHalf,
  'no-answer': () => undefined,
  disconnect: (res) => void res.destroy(),
};

/** Sends the correct answer with a fault applied. */
export async function answerWith(res: ServerResponse, answer: Answer, fault: IssuerFault = {}): Promise<void> {
  if (typeof fault === 'string') return NAMED[fault](res, answer);
  if (fault.delay !== undefined) await wait(fault.delay * 1000, undefined, { ref: false });
  send(res, alter(answer, fault));
}
