import { MalformedTokenError } from './malformed-token.js';

/** A JOSE header that passed {@link assertJoseHeader}, with the members that are looked at (RFC 7515 section 4.1). */
export interface JoseHeader {
  readonly alg: string;
  readonly kid?: string;
  readonly typ?: string;
  readonly [member: string]: unknown;
}

/** Longest key id in bytes. Longer ones serve no issuer and would only burden the tables that they are looked up in. */
export const MAX_KID_BYTES = 256;

/**
 * Members that change how a token has to be processed, or carry a key of the sender's own. No extension is understood
 * here (RFC 7515 section 4.1.11), no detached or encrypted form is verified (RFC 7797 section 6), and an embedded `jwk`
 * is the sender's word for its own signature. `jku`, `x5u`, `x5c`, `x5t` and `x5t#S256` are hints (RFC 7515 sections
 * 4.1.2 to 4.1.8) that whole platforms write into every token: keys come from the configuration alone (RFC 8725 section
 * 3.10), so hints are neither refused nor used, and no address in them is ever fetched.
 */
const REFUSED = ['crit', 'b64', 'zip', 'enc', 'p2c', 'jwk'] as const;

/**
 * Removes what counts as absent: members that are `null`, as serialisers write what is not there, and an empty `kid`.
 * In place, because the numbers as written are kept by the object that the parser made.
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
 * Checks the shape of a parsed JOSE header and removes its absent members. That `alg` is the configured one is checked
 * later, by whoever knows the key.
 * @throws MalformedTokenError
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

/** A JSON object, as opposed to an array, a scalar or null. */
export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
