import { InvalidRequestError } from '../errors/auth-error.js';

/** What `Authorization: Basic` carries. */
export interface BasicCredentials {
  /** A client id or a user name, as the grant has it. */
  readonly id: string;
  readonly secret: string;
}

/** Characters of base64; more than any real pair, and less than a server's limit for all headers. */
const MAX_LENGTH = 4_096;

// A byte order mark is kept: it is part of what was written.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a text that is the one canonical base64 spelling of them (RFC 4648 sections 3.5 and 4). */
function canonicalBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text.length > MAX_LENGTH || bytes.toString('base64') !== text) throw new InvalidRequestError('request_malformed');
  return bytes;
}

function strictText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new InvalidRequestError('request_malformed');
  }
}

/**
 * Reads the credentials of `Authorization: Basic` (RFC 7617 section 2): canonical base64 of strict UTF-8, split at the
 * first colon, without control characters. An id must be there; a secret may be empty.
 * @param token what stands behind the scheme.
 * @throws InvalidRequestError `request_malformed`
 */
export function readBasicCredentials(token: string): BasicCredentials {
  const text = strictText(canonicalBytes(token));
  const colon = text.indexOf(':');
  if (colon < 1 || /\p{Cc}/u.test(text)) throw new InvalidRequestError('request_malformed');
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}
