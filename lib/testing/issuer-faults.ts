import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/**
 * A way to fail that has a name:
 * - `html`: an error page with status 200, as captive portals and proxies send
 * - `empty-object`: `{}`; `no-keys`: `{"keys":[]}`
 * - `truncated`: the first half of the right answer
 * - `oversized`: the right answer, followed by 10 MB of white space
 * - `gzip-bomb`: the same, compressed to some 10 KB
 * - `endless-body`: status and headers, half of the body, and then silence
 * - `no-answer`: silence from the start
 * - `disconnect`: the connection is cut without an answer
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

/** The right answer with something about it changed; what is left out stays right. */
export interface AlteredAnswer {
  /** HTTP status. */
  readonly status?: number;
  /** More headers, or other ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Another body; an object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  /** A 302 to this URL. */
  readonly redirect?: string;
  /** Seconds before the answer. */
  readonly delay?: number;
}

/** What a test issuer answers in place of what it should. */
export type IssuerFault = NamedFault | AlteredAnswer;

/** An answer that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const PADDING_BYTES = 10_000_000;
const PAGE = '<!doctype html><title>Sign in to the network</title><h1>Welcome</h1>';

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

/** The beginning of a body whose rest never comes; `stop()` and `close()` of the issuer end it. */
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

/** Sends the right answer, or what the fault makes of it. */
export async function answerWith(res: ServerResponse, answer: Answer, fault: IssuerFault = {}): Promise<void> {
  if (typeof fault === 'string') return NAMED[fault](res, answer);
  if (fault.delay !== undefined) await wait(fault.delay * 1000, undefined, { ref: false });
  send(res, alter(answer, fault));
}
