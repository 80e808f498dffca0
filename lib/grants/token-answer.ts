import type { BoundedAnswer } from '../http/bounded-request.js';
import { isPlainRecord } from '../tokens/jose-header.js';

/** The longest token that any method reads. */
const MAX_TOKEN = 16_384;
// What may stand behind `Bearer` in a header (RFC 6750 section 2.1, and whatever else providers print).
const TOKEN = /^[\x21-\x7e]+$/;

/** Seconds, however written; 0, so that nothing is kept, for what is no number of seconds. */
function lifetimeOf(value: unknown): number {
  const seconds = typeof value === 'string' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds) ? seconds : 0;
}

/**
 * Leaves of a token endpoint's answer what matters here, in a form that openid-client takes. ID tokens and refresh
 * tokens go unread; lifetimes that are negative or written as texts, as some providers send them, are no outage.
 */
export function readTokenAnswer(answer: BoundedAnswer): BoundedAnswer {
  let body: unknown;
  try {
    body = JSON.parse(answer.body.toString('utf8'));
  } catch {
    return answer;
  }
  if (!isPlainRecord(body)) return answer;
  const { access_token: token, token_type: type, expires_in: lifetime, error } = body;
  const known = {
    access_token: token,
    token_type: type,
    error,
    ...(lifetime === undefined || lifetime === null ? {} : { expires_in: lifetimeOf(lifetime) }),
  };
  return { ...answer, body: Buffer.from(JSON.stringify(known)) };
}

/** Whether a token can be handed on in a header. */
export function isUsableToken(token: string): boolean {
  return token.length <= MAX_TOKEN && TOKEN.test(token);
}
