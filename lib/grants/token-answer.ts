import type { BoundedAnswer } from '../http/bounded-request.js';
import { isPlainRecord } from '../tokens/strict-json.js';

/** Longest token in characters; auth methods read no longer ones. */
const MAX_TOKEN = 16_384;
// Printable ASCII, which is more than RFC 6750 section 2.1 allows after `Bearer`, because providers send more.
const TOKEN = /^[\x21-\x7e]+$/;

/** Reads `expires_in` as a number or a text. Any other value gives 0, so that the token is not cached. */
function lifetimeOf(value: unknown): number {
  const seconds = typeof value === 'string' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds) ? seconds : 0;
}

/**
 * Reduces a token endpoint's answer to the members that are needed, in a form that openid-client accepts. It drops ID
 * tokens and refresh tokens, and repairs an `expires_in` that is negative or a text, as some providers send it.
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

/** Whether a token can be sent in a header. */
export function isUsableToken(token: string): boolean {
  return token.length <= MAX_TOKEN && TOKEN.test(token);
}
