import { MalformedTokenError } from './malformed-token.js';
import { isPlainRecord } from './strict-json.js';

/** JOSE header that passed {@link assertJoseHeader}, with the members that are read (RFC 7515 section 4.1). */
export interface JoseHeader {
  /** Signature algorithm that the token names. */
  readonly alg: string;
  /** Key id that the token names. */
  readonly kid?: string;
  /** Media type of the token. */
  readonly typ?: string;
  readonly [member: string]: unknown;
}

/** Longest key id in bytes. No issuer uses longer ones, and they would fill the tables that are searched by key id. */
export const MAX_KID_BYTES = 256;

/**
 * Refused header members: they change how a token must be processed, or carry the sender's own key. No extension is
 * supported (RFC 7515 section 4.1.11), no detached or encrypted form is verified (RFC 7797 section 6), and an embedded
 * `jwk` would let the sender vouch for its own signature. `jku`, `x5u`, `x5c`, `x5t` and `x5t#S256` (RFC 7515 sections
 * 4.1.2 to 4.1.8) are neither refused nor used, because whole platforms write them into every token; keys come from the
 * configuration alone (RFC 8725 section 3.10), and no address in a header is fetched. A `cty` of `JWT` is refused too,
 * because it says that the payload is another token (RFC 7519 section 5.2), whose claims nobody would have checked.
 */
const REFUSED = ['crit', 'b64', 'zip', 'enc', 'p2c', 'jwk'] as const;

/**
 * Removes members that count as absent: those that are `null`, as serialisers write missing values, and an empty `kid`.
 * The object is changed in place, because its exact numbers belong to it.
 */
function dropAbsentMembers(header: Record<string, unknown>): void {
  for (const [member, value] of Object.entries(header)) {
    if (value === null || (member === 'kid' && value === '')) delete header[member];
  }
}

const ENCRYPTED = 'This is an encrypted token (JWE); ask the provider for signed ones.';

function wrongMember(claim: string, problem: string): MalformedTokenError {
  const hint = claim === 'enc' ? ENCRYPTED : undefined;
  return new MalformedTokenError('header', { claim, problem, hint });
}

/**
 * Checks the shape of a parsed JOSE header and removes its absent members. Whether `alg` is the configured one is
 * checked later, when the key is known.
 * @throws {MalformedTokenError} when the header is malformed, or has a refused member.
 */
export function assertJoseHeader(header: unknown): asserts header is JoseHeader {
  if (!isPlainRecord(header)) throw new MalformedTokenError('header');
  dropAbsentMembers(header);
  if (typeof header.alg !== 'string' || header.alg === '') throw new MalformedTokenError('alg');
  for (const member of REFUSED) {
    if (Object.hasOwn(header, member)) throw wrongMember(member, 'is not supported');
  }
  for (const member of ['kid', 'typ', 'cty'] as const) {
    if (header[member] !== undefined && typeof header[member] !== 'string') throw wrongMember(member, 'is not a text');
  }
  const { kid, cty } = header;
  if (typeof kid === 'string' && Buffer.byteLength(kid) > MAX_KID_BYTES)
    throw wrongMember('kid', `has more than ${MAX_KID_BYTES} bytes`);
  if (typeof cty === 'string' && /^(application\/)?jwt$/i.test(cty))
    throw wrongMember('cty', 'names a token in a token');
}
