import { InvalidTokenError } from '../../../errors/auth-error.js';
import { isAlgorithm } from '../../../keys/algorithms.js';
import type { CompactToken } from '../../../tokens/compact-token.js';
import { isCanonicalBase64url } from '../../../tokens/compact-token.js';
import { MalformedTokenError } from '../../../tokens/malformed-token.js';
import type { PresentedToken } from '../../../tokens/presented-token.js';
import { isPlainRecord, parseStrictJson } from '../../../tokens/strict-json.js';
import { KongRefusal } from '../kong-refusal.js';

/** Parses a segment as JSON; `undefined` where it is none. */
function jsonOf(segment: string): unknown {
  if (!isCanonicalBase64url(segment)) return undefined;
  try {
    return parseStrictJson(Buffer.from(segment, 'base64url'));
  } catch {
    return undefined;
  }
}

/**
 * Finds Kong's reason for a token that is not well formed. Kong decodes both JSON segments first, then looks at the
 * algorithm, the claims and the signature. What Kong would take and is refused here (`crit`, …) counts as invalid JSON.
 */
function badTokenReason(token: string): string {
  const [headerText = '', claimsText = '', ...rest] = token.split('.');
  const header = jsonOf(headerText);
  const claims = jsonOf(claimsText);
  if (rest.length === 0 || header === undefined || claims === undefined) return 'invalid JSON';
  if (!isPlainRecord(header) || !isAlgorithm(header.alg)) return 'invalid alg';
  if (!isPlainRecord(claims)) return 'invalid claims';
  return isCanonicalBase64url(rest.join('.')) ? 'invalid JSON' : 'invalid signature';
}

/**
 * Reads a token.
 * @throws {KongRefusal} `Bad token; …` for one that is not well formed.
 */
export function readKongToken(presented: PresentedToken): CompactToken {
  let token: CompactToken;
  try {
    token = presented.read();
  } catch (thrown) {
    if (thrown instanceof MalformedTokenError) {
      throw new KongRefusal('token_malformed', `Bad token; ${badTokenReason(presented.token)}`);
    }
    if (InvalidTokenError.is(thrown)) throw new KongRefusal('token_too_large', 'Bad token; invalid JSON');
    throw thrown;
  }
  if (!isAlgorithm(token.header.alg)) throw new KongRefusal('algorithm_not_allowed', 'Bad token; invalid alg');
  return token;
}

/**
 * Reads the credential key that a token names, in the payload or else in the header. JSON `false` counts as absent, as
 * in Lua; a key that is not a text, over which Kong crashes, is an invalid one.
 * @throws {KongRefusal} when the token names none.
 */
export function keyNamedBy({ claims, header }: CompactToken, name: string): string {
  const candidates: unknown[] = [claims, header].map((part) => (Object.hasOwn(part, name) ? part[name] : undefined));
  const key = candidates.find((value) => value !== undefined && value !== false);
  if (key === undefined) throw new KongRefusal('claim_missing', `No mandatory '${name}' in claims`);
  if (typeof key !== 'string' || key === '') throw new KongRefusal('claim_invalid', `Invalid '${name}' in claims`);
  return key;
}
