import type { JWTPayload } from 'jose';
import { received } from '../errors/error-detail.js';
import { invalidClaim, missingClaim, unknownIssuer } from '../errors/token-refusals.js';
import { identityIssuer } from '../issuers/issuer-method.js';
import type { IssuerRecord } from '../issuers/issuer-record.js';
import { type CompactToken, readCompactToken } from '../tokens/compact-token.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import { assertAudience, assertClaims } from '../verification/claim-rules.js';
import { assertAlgorithm, verifyWithSource } from '../verification/verify-with-source.js';

/** Content of a verified logout token: the session, or the person, that was signed out, and when. */
export interface Logout {
  readonly issuer: string;
  readonly jti: string;
  readonly issuedAt: number;
  readonly subject: string | undefined;
  readonly sid: string | undefined;
}

/** Limits for logout tokens, in seconds. */
export interface LogoutRules {
  readonly clockTolerance: number;
  readonly maxAge: number;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const REQUIRED = ['iss', 'aud', 'iat', 'exp', 'jti', 'events'];

/** Accepted values of `typ`. Older providers send `JWT`, or no `typ` at all (section 2.4). */
const TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'logout+jwt'];

/**
 * Checks that a token is a logout token: an ID token has no event, or has a nonce. Members in the event's object, and
 * beside the event, are allowed, because providers add some (Keycloak's `revoke_offline_access`).
 */
function assertLogoutKind({ header, claims }: CompactToken): void {
  const type = header.typ?.toLowerCase().replace(/^application\//, '');
  const { events } = claims;
  const isLogout = isPlainRecord(events) && Object.hasOwn(events, EVENT) && isPlainRecord(events[EVENT]);
  if (!TYPES.includes(type)) throw invalidClaim('typ', 'is not that of a logout token', { received: received(type) });
  if (!isLogout) throw invalidClaim('events', 'names no back-channel logout', { expected: EVENT });
  if (Object.hasOwn(claims, 'nonce')) throw invalidClaim('nonce', 'marks an ID token');
}

function textClaim(claims: JWTPayload, name: 'sub' | 'sid'): string | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw invalidClaim(name, 'is not a text, or empty');
  return value;
}

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6). The caller has to check for a replay.
 * @throws {InvalidTokenError} when the token is invalid.
 * @throws {ServiceUnavailableError} when the keys cannot be loaded.
 */
export async function verifyLogoutToken(token: string, record: IssuerRecord, rules: LogoutRules): Promise<Logout> {
  const jwt = readCompactToken(token);
  const { header, claims } = jwt;
  if (typeof claims.iss !== 'string' || !record.issuers.has(claims.iss))
    throw unknownIssuer(claims.iss, record.issuers);
  assertAlgorithm(header, record.algorithms);
  // An old one may have been kept for later use; its `exp` may be far away.
  assertClaims(claims, { ...rules, requiredClaims: REQUIRED, maxLifetime: undefined });
  assertAudience(claims, record.audiences);
  await verifyWithSource(jwt, record.keys);
  assertLogoutKind(jwt);
  const [subject, sid] = [textClaim(claims, 'sub'), textClaim(claims, 'sid')];
  if (subject === undefined && sid === undefined) throw missingClaim('sub', { hint: 'A sid would do as well.' });
  return { issuer: identityIssuer(record, claims.iss), jti: claims.jti ?? '', issuedAt: claims.iat ?? 0, subject, sid };
}
