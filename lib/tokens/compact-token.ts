import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import { WrittenNumbers } from './exact-numbers.js';
import { assertJoseHeader, type JoseHeader } from './jose-header.js';
import { MalformedTokenError, type TokenPart } from './malformed-token.js';
import { deepFreeze, isPlainRecord, readStrictJson, type StrictJson } from './strict-json.js';

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Last characters of a canonical segment whose length leaves 2 or 3 over four: the bits beyond the last whole byte are
 * zero. Without this rule one signature has up to 16 spellings, which would bypass caches and revocation lists keyed by
 * the token.
 */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

/** Whether a text is canonical, unpadded base64url (RFC 7515 section 2, RFC 4648 section 3.5). */
export function isCanonicalBase64url(text: string): boolean {
  if (!BASE64URL.test(text)) return false;
  const last = text[text.length - 1] ?? '';
  switch (text.length % 4) {
    case 1:
      return false;
    case 2:
      return LAST_OF_TWO.includes(last);
    case 3:
      return LAST_OF_THREE.includes(last);
    default:
      return true;
  }
}

/** Most headers kept. A signer writes one header into every token, so few serve nearly all. */
const MAX_HEADERS = 256;
const MAX_LENGTH = 512;

const known = new Map<string, JoseHeader>();

/** Returns the header that was parsed from an equal segment before; it is canonical and passed the form gate. */
function knownHeader(segment: string): JoseHeader | undefined {
  return known.get(segment);
}

/**
 * Keeps a parsed header for the tokens that share it.
 *
 * @param bytes decoded segment.
 */
function rememberHeader(bytes: Buffer, header: JoseHeader): void {
  if (bytes.length > MAX_LENGTH) return;
  // Invented headers empty the table, which only costs parsing headers again.
  if (known.size >= MAX_HEADERS) known.clear();
  // Copy the key: a substring would keep the whole token alive in V8.
  deepFreeze(header);
  known.set(bytes.toString('base64url'), header);
}

/** Largest token in bytes that is parsed: 16 KiB, equal to Node's limit for all headers. */
export const MAX_TOKEN_BYTES = 16_384;

/** Well-formed JWS in compact form (RFC 7515 section 7.1). Nothing in it has been verified. */
export interface CompactJws {
  readonly header: JoseHeader;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** Signed text: everything before the second dot. */
  readonly signingInput: string;
  /** Estimated memory of the parsed header and claims in bytes. */
  readonly heldBytes: number;
}

/** Claims with their numbers as they were written, from which a principal is mapped. */
export interface TokenClaims {
  readonly claims: JWTPayload;
  /** Exact numbers of the claims, which themselves hold doubles. */
  readonly numbers: WrittenNumbers;
}

/** Well-formed JWT in compact form (RFC 7519 section 7.2). Nothing in it has been verified. */
export interface CompactToken extends CompactJws, TokenClaims {}

/** Header and claims of a token, without its signature. */
export type TokenContent = Pick<CompactToken, 'header' | 'claims' | 'heldBytes'>;

/**
 * Splits a token into exactly three segments. `indexOf` is used, so that a token of sixteen thousand dots costs little.
 */
function splitSegments(token: string): [header: string, payload: string, signature: string, signingInput: string] {
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  if (second === -1) throw new MalformedTokenError('segments');
  return [token.slice(0, first), token.slice(first + 1, second), token.slice(second + 1), token.slice(0, second)];
}

/** Accepted deviations from the standard form of a token. */
export interface TokenDialect {
  /**
   * Whether segments are padded with `=`, as AWS load balancers write them: against the standard, but within the signed
   * bytes. `required`: all are; `allowed`: all or none, so that a token still has one spelling.
   * @default undefined, no segment is padded
   */
  readonly padding?: 'required' | 'allowed';
  /**
   * Largest token in bytes, for tokens that arrive in a body instead of the headers.
   * @default 16384 (16 KiB)
   */
  readonly maxBytes?: number;
}

function isPadded(token: string, { padding }: TokenDialect): boolean {
  return padding === 'required' || (padding === 'allowed' && token.includes('='));
}

/**
 * Removes padding of the length that RFC 4648 section 4 requires. Any other segment becomes `=`, which the next check
 * refuses.
 */
function unpadded(segment: string): string {
  return segment.length % 4 === 0 ? segment.replace(/={1,2}$/, '') : '=';
}

function decodeSegment(segment: string, part: TokenPart, padded: boolean): Buffer {
  const text = padded ? unpadded(segment) : segment;
  if (!isCanonicalBase64url(text)) throw new MalformedTokenError(part);
  return Buffer.from(text, 'base64url');
}

function parseSegment(bytes: Buffer, part: TokenPart): StrictJson {
  try {
    return readStrictJson(bytes);
  } catch {
    // The parser's message quotes the token, so the error is not kept as the cause.
    throw new MalformedTokenError(part);
  }
}

function readHeader(segment: string, padded: boolean): Pick<CompactJws, 'header' | 'heldBytes'> {
  // Padded headers are not cached: they are rare, and an equal segment may be valid in one dialect only.
  const known = padded ? undefined : knownHeader(segment);
  // Tokens share a known header.
  if (known !== undefined) return { header: known, heldBytes: 0 };
  const bytes = decodeSegment(segment, 'header', padded);
  const { value: header, heldBytes } = parseSegment(bytes, 'header');
  assertJoseHeader(header);
  rememberHeader(bytes, header);
  return { header, heldBytes };
}

/** Refuses a token that is larger than allowed. */
export function tooLarge(maxBytes: number): InvalidTokenError {
  return new InvalidTokenError('token_too_large', { detail: { expected: `at most ${maxBytes} bytes` } });
}

/**
 * Form gate for a JWS: checks the size, the three segments, canonical base64url and a strict JOSE header.
 * @throws {InvalidTokenError} `token_too_large` or `token_malformed`.
 */
export function readCompactJws(token: string, dialect: TokenDialect = {}): CompactJws {
  if (token.length > (dialect.maxBytes ?? MAX_TOKEN_BYTES)) throw tooLarge(dialect.maxBytes ?? MAX_TOKEN_BYTES);
  const [headerText, payloadText, signatureText, signingInput] = splitSegments(token);
  const padded = isPadded(token, dialect);
  const { header, heldBytes } = readHeader(headerText, padded);
  // The payload of a JWS may be empty (RFC 7515); that of a JWT may not.
  const payload = payloadText === '' ? Buffer.alloc(0) : decodeSegment(payloadText, 'claims', padded);
  const signature = decodeSegment(signatureText, 'signature', padded);
  return { header, payload, signature, signingInput, heldBytes };
}

/**
 * Form gate for a JWT: a well-formed JWS whose payload is a strict JSON object.
 * @throws {InvalidTokenError} `token_too_large` or `token_malformed`.
 */
export function readCompactToken(token: string, dialect: TokenDialect = {}): CompactToken {
  const jws = readCompactJws(token, dialect);
  const { value: claims, heldBytes } = parseSegment(jws.payload, 'claims');
  if (!isPlainRecord(claims)) throw new MalformedTokenError('claims');
  const numbers = new WrittenNumbers(jws.payload);
  return Object.assign(jws, { claims, numbers, heldBytes: jws.heldBytes + heldBytes });
}
