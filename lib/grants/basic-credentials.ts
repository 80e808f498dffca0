import { malformedRequest } from '../errors/token-refusals.js';

/** The pair in `Authorization: Basic`. */
export interface BasicCredentials {
  /** A client id or a username, depending on the grant. */
  readonly id: string;
  readonly secret: string;
}

/** Longest base64 text in characters: more than real pairs need, and less than a server's limit for all headers. */
const MAX_LENGTH = 4_096;

// ignoreBOM keeps a byte order mark, which is part of the id.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes canonical base64: one spelling per byte sequence (RFC 4648 sections 3.5 and 4). */
function canonicalBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text.length > MAX_LENGTH || bytes.toString('base64') !== text)
    throw malformedRequest('what stands behind Basic is not canonical base64');
  return bytes;
}

function strictText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformedRequest('the id and the secret are not UTF-8');
  }
}

/**
 * Reads the credentials of `Authorization: Basic` (RFC 7617 section 2): canonical base64 of strict UTF-8, split at the
 * first colon, without control characters. The id must not be empty; the secret may be.
 * @param token text after the scheme.
 * @throws {InvalidRequestError} when it has any other form (`request_malformed`).
 */
export function readBasicCredentials(token: string): BasicCredentials {
  const text = strictText(canonicalBytes(token));
  const colon = text.indexOf(':');
  if (colon < 1 || /\p{Cc}/u.test(text)) throw malformedRequest('the pair has no id, no colon, or control characters');
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}
