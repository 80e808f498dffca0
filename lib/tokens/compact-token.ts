import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import { isCanonicalBase64url } from './base64url.js';
import { assertJoseHeader, isPlainRecord, type JoseHeader } from './jose-header.js';
import { MalformedTokenError, type TokenPart } from './malformed-token.js';
import { parseStrictJson } from './strict-json.js';

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

/** A well-formed JWT in compact form (RFC 7519 section 7.2). Nothing in it has been verified. */
export interface CompactToken extends CompactJws {
  readonly claims: JWTPayload;
}

/** Exactly three segments; `indexOf` keeps a token of sixteen thousand dots cheap. */
function splitSegments(token: string): [header: string, payload: string, signature: string, signingInput: string] {
  const first = token.indexOf('.');
  const second = first === -1 ? -1 : token.indexOf('.', first + 1);
  if (second === -1) throw new MalformedTokenError('segments');
  return [token.slice(0, first), token.slice(first + 1, second), token.slice(second + 1), token.slice(0, second)];
}

/** How a token may be written. */
export interface TokenDialect {
  /** Takes segments that the signer padded with `=`, as AWS load balancers do: against the standard, but signed. */
  readonly padded?: boolean;
}

/** Without its padding, where that is allowed and exactly as long as base64 asks for. */
function unpadded(segment: string): string {
  const text = segment.replace(/={1,2}$/, '');
  return text.length === segment.length || segment.length % 4 === 0 ? text : segment;
}

function decodeSegment(segment: string, part: TokenPart, { padded = false }: TokenDialect): Buffer {
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

/**
 * The form gate for a JWS: size, three segments, canonical base64url, a strict JOSE header.
 * @throws InvalidTokenError `token_too_large` or `token_malformed`.
 */
export function readCompactJws(token: string, dialect: TokenDialect = {}): CompactJws {
  if (token.length > MAX_TOKEN_BYTES) throw new InvalidTokenError('token_too_large');
  const [headerText, payloadText, signatureText, signingInput] = splitSegments(token);
  const headerBytes = decodeSegment(headerText, 'header', dialect);
  // The one segment that a JWS may leave empty, because nothing is a payload too. It is never a JWT.
  const payload = payloadText === '' ? Buffer.alloc(0) : decodeSegment(payloadText, 'claims', dialect);
  const header = parseSegment(headerBytes, 'header');
  assertJoseHeader(header);
  const signature = decodeSegment(signatureText, 'signature', dialect);
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
  return { ...jws, claims };
}
