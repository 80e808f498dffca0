import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import { deepFreeze } from './deep-freeze.js';
import { WrittenNumbers } from './exact-numbers.js';
import { assertJoseHeader, isPlainRecord, type JoseHeader } from './jose-header.js';
import { MalformedTokenError, type TokenPart } from './malformed-token.js';
import { parseStrictJson } from './strict-json.js';

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Characters that may end a segment whose length leaves 2 or 3 over four: the bits beyond the last whole byte
 * must be zero. Without this rule one signature has up to 16 spellings, and a cache or a revocation list
 * keyed by the token could be walked around.
 */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

/** Whether a text is the one canonical, unpadded base64url spelling of its bytes (RFC 7515 section 2, RFC 4648 section 3.5). */
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

/** A signer writes the same header into every token, so few of them serve nearly all. */
const MAX_HEADERS = 256;
const MAX_LENGTH = 512;

const known = new Map<string, JoseHeader>();

/** A header that was read before out of this very segment; canonical, and past every check of the form gate. */
function knownHeader(segment: string): JoseHeader | undefined {
  return known.get(segment);
}

/** Remembers a header for the tokens that share it. @param bytes what the segment stands for. */
function rememberHeader(bytes: Buffer, header: JoseHeader): void {
  if (bytes.length > MAX_LENGTH) return;
  // Whoever sends invented ones makes us read again, and nothing worse.
  if (known.size >= MAX_HEADERS) known.clear();
  // Spelled anew: a slice of the token would keep all of it.
  deepFreeze(header);
  known.set(bytes.toString('base64url'), header);
}

/** Larger tokens than this are refused before anything looks at them. 16 KiB, as Node's limit for all headers. */
export const MAX_TOKEN_BYTES = 16_384;

/** A well-formed JWS in compact form (RFC 7515 section 7.1). Nothing in it has been verified. */
export interface CompactJws {
  readonly header: JoseHeader;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The bytes that were signed: everything before the second dot. */
  readonly signingInput: string;
}

/** Claims, and their numbers as they were written: what a principal is mapped from. */
export interface TokenClaims {
  readonly claims: JWTPayload;
  /** Goes wherever the claims go, because they alone hold doubles. */
  readonly numbers: WrittenNumbers;
}

/** A well-formed JWT in compact form (RFC 7519 section 7.2). Nothing in it has been verified. */
export interface CompactToken extends CompactJws, TokenClaims {}

/** What a token says, without the bytes that prove it. */
export type TokenContent = Pick<CompactToken, 'header' | 'claims'>;

/** Exactly three segments; `indexOf` keeps a token of sixteen thousand dots cheap. */
function splitSegments(token: string): [header: string, payload: string, signature: string, signingInput: string] {
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  if (second === -1) throw new MalformedTokenError('segments');
  return [token.slice(0, first), token.slice(first + 1, second), token.slice(second + 1), token.slice(0, second)];
}

/** How a token may be written. */
export interface TokenDialect {
  /**
   * Segments that the signer padded with `=`, as AWS load balancers do: against the standard, but inside the signed
   * bytes. `required`: all of them are; `allowed`: all or none, so that a token can be written in one way only.
   * Default: none is.
   */
  readonly padding?: 'required' | 'allowed';
  /** For what arrives in a body of its own, and not in a request's headers. Default 16 KiB. */
  readonly maxBytes?: number;
}

function isPadded(token: string, { padding }: TokenDialect): boolean {
  return padding === 'required' || (padding === 'allowed' && token.includes('='));
}

/** Without its padding, which is exactly as long as base64 asks for (RFC 4648 section 4), or there to be refused. */
function unpadded(segment: string): string {
  return segment.length % 4 === 0 ? segment.replace(/={1,2}$/, '') : '=';
}

function decodeSegment(segment: string, part: TokenPart, padded: boolean): Buffer {
  const text = padded ? unpadded(segment) : segment;
  if (!isCanonicalBase64url(text)) throw new MalformedTokenError(part);
  return Buffer.from(text, 'base64url');
}

function parseSegment(bytes: Buffer, part: TokenPart): unknown {
  try {
    return parseStrictJson(bytes);
  } catch {
    // The parser's own message quotes the token, so it is not kept as the cause.
    throw new MalformedTokenError(part);
  }
}

function readHeader(segment: string, padded: boolean): JoseHeader {
  // Padded ones are as rare as those who write them, and held to rules of their own.
  const known = padded ? undefined : knownHeader(segment);
  if (known !== undefined) return known;
  const bytes = decodeSegment(segment, 'header', padded);
  const header = parseSegment(bytes, 'header');
  assertJoseHeader(header);
  rememberHeader(bytes, header);
  return header;
}

/** The refusal of a token of more bytes than are looked at. */
export function tooLarge(maxBytes: number): InvalidTokenError {
  return new InvalidTokenError('token_too_large', { detail: { expected: `at most ${maxBytes} bytes` } });
}

/**
 * The form gate for a JWS: size, three segments, canonical base64url, a strict JOSE header.
 * @throws InvalidTokenError `token_too_large` or `token_malformed`.
 */
export function readCompactJws(token: string, dialect: TokenDialect = {}): CompactJws {
  if (token.length > (dialect.maxBytes ?? MAX_TOKEN_BYTES)) throw tooLarge(dialect.maxBytes ?? MAX_TOKEN_BYTES);
  const [headerText, payloadText, signatureText, signingInput] = splitSegments(token);
  const padded = isPadded(token, dialect);
  const header = readHeader(headerText, padded);
  // The one segment that a JWS may leave empty, because nothing is a payload too. It is never a JWT.
  const payload = payloadText === '' ? Buffer.alloc(0) : decodeSegment(payloadText, 'claims', padded);
  const signature = decodeSegment(signatureText, 'signature', padded);
  return { header, payload, signature, signingInput };
}

/**
 * The form gate for a JWT: a well-formed JWS whose payload is a strict JSON object.
 * @throws InvalidTokenError `token_too_large` or `token_malformed`.
 */
export function readCompactToken(token: string, dialect: TokenDialect = {}): CompactToken {
  const jws = readCompactJws(token, dialect);
  const claims = parseSegment(jws.payload, 'claims');
  if (!isPlainRecord(claims)) throw new MalformedTokenError('claims');
  return Object.assign(jws, { claims, numbers: new WrittenNumbers(jws.payload) });
}
