import type { IncomingMessage } from 'node:http';
import { type AuthMethod, type Principal, type WafTokenOptions, wafToken } from '../../lib/index.js';
import { given, type Loose } from './loose.js';
import { AUDIENCE, ISSUER, PROVIDER_PEM } from './oidc-door.js';
import { jsonOf, type RawRequest, rawRequest, showLeftovers } from './requests.js';
import { app } from './servers.js';

/** The header that the WAF of these tests writes. */
export const WAF_HEADER = 'x-waf-jwt';

/** Options of a method behind a WAF that signs as {@link ISSUER} does and never asks the network. */
export function wafOptions(options: Loose<WafTokenOptions> = {}): WafTokenOptions {
  const trust = { issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM };
  return given({ header: WAF_HEADER, ...trust, exposeReason: true, ...options });
}

export const wafDoor = (options: Loose<WafTokenOptions> = {}): AuthMethod => wafToken(wafOptions(options));

/** Answer as a client sees it. */
export interface WafAnswer {
  readonly status: number;
  readonly code?: string;
  readonly principal?: Principal | null;
}

/** Sends header lines as they are written to an application behind a method. */
export async function sendTo(
  method: AuthMethod,
  headers: readonly string[],
  more: RawRequest = {},
): Promise<WafAnswer> {
  const answer = await rawRequest(app(method), { ...more, headers });
  const { code, principal } = jsonOf(answer) as { code?: string; principal?: Principal | null };
  return { status: answer.status, ...(code === undefined ? {} : { code }), ...(principal ? { principal } : {}) };
}

/** Presents a token and returns `200`, or status and code of the refusal. */
export async function wafVerdict(
  method: AuthMethod,
  headers: readonly string[],
  more: RawRequest = {},
): Promise<200 | string> {
  const { status, code } = await sendTo(method, headers, more);
  return status === 200 ? 200 : `${status} ${code}`;
}

/** Names of all headers that a handler, or the application's error handler, sees, in all three records. */
export async function leftoversOf(
  method: AuthMethod,
  headers: readonly string[],
  more: RawRequest = {},
): Promise<readonly string[]> {
  const answer = await rawRequest(
    app(
      (req, res, next) => method(req, res, (error) => (error === undefined ? next() : showLeftovers(req, res, next))),
      showLeftovers,
    ),
    { ...more, headers },
  );
  const left = jsonOf(answer) as { headers: object; headersDistinct: object; rawHeaders: string[] };
  const raw = left.rawHeaders.filter((_item, index) => index % 2 === 0);
  const names = [...Object.keys(left.headers), ...Object.keys(left.headersDistinct), ...raw];
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

/** Makes a request without a server, from any address. */
export function requestFrom(remoteAddress: string | undefined, headers: Record<string, string>): IncomingMessage {
  const rawHeaders = Object.entries(headers).flat();
  const stub = { method: 'GET', url: '/', headers: { ...headers }, rawHeaders, socket: { remoteAddress } };
  return stub as unknown as IncomingMessage;
}
