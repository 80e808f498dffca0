import { MalformedTokenError } from './malformed-token.js';

/** The members of a JOSE header that we look at (RFC 7515 section 4.1). */
export interface JoseHeader {
  readonly alg: string;
  readonly kid?: string;
  readonly typ?: string;
  readonly [member: string]: unknown;
}

/** Longer key ids than this are attacks on whatever looks them up. */
export const MAX_KID_BYTES = 256;

/**
 * Members that change what the token means, or say where its key comes from. We understand no extensions
 * (RFC 7515 section 4.1.11), verify no detached or encrypted forms (RFC 7797 section 6), and take keys from the
 * configuration alone (RFC 8725 section 3.10). Thumbprints such as `x5t` only name a key; real issuers send them.
 */
const REFUSED = ['crit', 'b64', 'zip', 'enc', 'p2c', 'jku', 'x5u', 'jwk', 'x5c'] as const;

/** Checks the shape of a JOSE header; its `alg` still has to be the configured one. */
export function assertJoseHeader(header: unknown): asserts header is JoseHeader {
  if (!isPlainRecord(header)) throw new MalformedTokenError('header');
  if (typeof header.alg !== 'string' || header.alg === '') throw new MalformedTokenError('alg');
  for (const member of REFUSED) {
    if (Object.hasOwn(header, member)) throw new MalformedTokenError('header');
  }
  for (const member of ['kid', 'typ', 'cty'] as const) {
    if (header[member] !== undefined && typeof header[member] !== 'string') throw new MalformedTokenError('header');
  }
  if (typeof header.kid === 'string' && Buffer.byteLength(header.kid) > MAX_KID_BYTES)
    throw new MalformedTokenError('header');
  if (typeof header.cty === 'string' && /^(application\/)?jwt$/i.test(header.cty))
    throw new MalformedTokenError('header');
}

/** A JSON object, as opposed to an array, a scalar or null. */
export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
