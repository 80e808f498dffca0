import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { readCompactJws } from '../tokens/compact-token.js';

/** List of revoked tokens: single ones, or all of a person or a session. */
export interface Revocations {
  /** Whether a token is revoked. Can be passed as the option `isRevoked` directly; it needs no `this`. */
  check(claims: Readonly<JWTPayload>, context: { token: string }): Promise<boolean>;
  /**
   * Revokes one token. The signature is ignored, because the holder of an ECDSA token can make a second valid one.
   * @param until `exp` of the token, in seconds since the epoch.
   * @throws {ConfigurationError} when an argument is wrong.
   */
  revokeToken(token: string, until: number): Promise<void>;
  /**
   * Revokes the token with this `jti` of this issuer.
   * @param until `exp` of the token, in seconds since the epoch.
   * @throws {ConfigurationError} when an argument is wrong.
   */
  revokeJti(token: { issuer: string; jti: string }, until: number): Promise<void>;
  /**
   * Revokes every token of a person that was issued until `since` (now by default), and those without `iat`.
   * @throws {ConfigurationError} when an argument is wrong.
   */
  revokeSubject(person: { issuer: string; subject: string }, options?: { since?: Date }): Promise<void>;
  /**
   * Revokes every token of a session at the provider (`sid`) that was issued until `since` (now by default), and those
   * without `iat`.
   * @throws {ConfigurationError} when an argument is wrong.
   */
  revokeSession(session: { issuer: string; sid: string }, options?: { since?: Date }): Promise<void>;
  /**
   * Revokes a `jti` of any issuer; `localToken` calls this on its list.
   * @param until `exp` of the token, in seconds since the epoch.
   */
  revoke(jti: string, until: number): Promise<void>;
  /** Whether a `jti` was revoked with `revoke`. */
  isRevoked(jti: string): Promise<boolean>;
}

/**
 * Store of revocations: for each name a time in seconds until which issued tokens are revoked. Names are digests, so
 * that readers of the store learn no token and no person.
 */
export interface RevocationRecords {
  /**
   * Stores the later of the stored and given times, and the longer of both lifetimes.
   *
   * @param ttl seconds until the entry may go, above 0.
   */
  raise(name: string, since: number, ttl: number): Promise<void>;
  /** Returns the time under each name, or `undefined`. */
  read(names: readonly string[]): Promise<readonly (number | undefined)[]>;
}

/** Last second of the year 9999, which revokes a token whenever it was issued. */
const WHENEVER = 253_402_300_799;

/**
 * Seconds that a revocation outlives its token: the largest `clockTolerance`, within which an expired token still
 * passes.
 */
const TOLERANCE = 300;

const YEAR = 31_536_000;
const MONTH = 2_592_000;

function nameOf(kind: 'token' | 'jti' | 'subject' | 'session', ...parts: readonly string[]): string {
  return `${kind}:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
}

/**
 * Returns the name of a token: a digest without the signature, which the holder of an ECDSA token can change. An opaque
 * token counts as a whole.
 */
function tokenName(token: string): string {
  try {
    return nameOf('token', readCompactJws(token, { padding: 'allowed' }).signingInput);
  } catch {
    return nameOf('token', token);
  }
}

function namesOf({ iss, jti, sub, sid }: Readonly<JWTPayload>, token: string): string[] {
  const names = [tokenName(token)];
  if (typeof jti === 'string') names.push(nameOf('jti', jti));
  if (typeof iss !== 'string') return names;
  if (typeof jti === 'string') names.push(nameOf('jti', iss, jti));
  if (typeof sub === 'string') names.push(nameOf('subject', iss, sub));
  if (typeof sid === 'string') names.push(nameOf('session', iss, sid));
  return names;
}

function assertParts(option: string, parts: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  checkOptionNames(option, parts, names);
  for (const name of names) assertNonEmptyString(`${option}.${name}`, parts[name]);
}

function momentOf(option: string, since: unknown): number {
  if (!types.isDate(since) || Number.isNaN(since.getTime())) {
    throw new ConfigurationError(option, 'expects a valid Date');
  }
  return since.getTime() / 1000;
}

/**
 * Checks the option that says how long revocations by person and session are kept, in seconds.
 * @throws {ConfigurationError} when it is out of bounds.
 */
export function resolveMaxLifetime(option: string, maxLifetime: unknown = MONTH): number {
  assertSeconds(option, maxLifetime, { min: 1, max: YEAR });
  return maxLifetime;
}

/** Settings of a revocation list. */
interface Over {
  /** Name of the factory, for error messages. */
  readonly factory: string;
  /** Longest lifetime of tokens in seconds. */
  readonly maxLifetime: number;
}

/** Makes the two operations of a list: revoke one token, or all that were issued until a time. */
function withdrawing(records: RevocationRecords, { factory, maxLifetime }: Over) {
  async function withdraw(name: string, since: number, until: number): Promise<void> {
    const ttl = until + TOLERANCE - Date.now() / 1000;
    if (ttl > 0) await records.raise(name, since, ttl);
  }
  return {
    async one(verb: string, name: string, until: number): Promise<void> {
      // A date, or a time in milliseconds, would be kept for the wrong time.
      assertSeconds(`${factory}.${verb}.until`, until, { min: 0, max: WHENEVER });
      await withdraw(name, WHENEVER, until);
    },
    async all(verb: string, name: string, options: { since?: Date }): Promise<void> {
      checkOptionNames(`${factory}.${verb}`, options, ['since']);
      const since = momentOf(`${factory}.${verb}.since`, options.since ?? new Date());
      await withdraw(name, since, since + maxLifetime);
    },
  };
}

/** Makes a revocation list over a store. */
export function revocationsOver(records: RevocationRecords, over: Over): Revocations {
  const { factory } = over;
  const { one, all } = withdrawing(records, over);
  return {
    async check(claims, { token }) {
      const issued = typeof claims.iat === 'number' ? claims.iat : Number.NEGATIVE_INFINITY;
      const held = await records.read(namesOf(claims, token));
      // `!(issued > since)` and not `issued <= since`: NaN must count as revoked.
      return held.some((since) => since !== undefined && (since >= WHENEVER || !(issued > since)));
    },
    async revokeToken(token, until) {
      assertNonEmptyString(`${factory}.revokeToken.token`, token);
      await one('revokeToken', tokenName(token), until);
    },
    async revokeJti(token, until) {
      assertParts(`${factory}.revokeJti`, token, ['issuer', 'jti']);
      await one('revokeJti', nameOf('jti', token.issuer, token.jti), until);
    },
    async revokeSubject(person, options = {}) {
      assertParts(`${factory}.revokeSubject`, person, ['issuer', 'subject']);
      await all('revokeSubject', nameOf('subject', person.issuer, person.subject), options);
    },
    async revokeSession(session, options = {}) {
      assertParts(`${factory}.revokeSession`, session, ['issuer', 'sid']);
      await all('revokeSession', nameOf('session', session.issuer, session.sid), options);
    },
    async revoke(jti, until) {
      assertNonEmptyString(`${factory}.revoke.jti`, jti);
      await one('revoke', nameOf('jti', jti), until);
    },
    isRevoked: async (jti) => (await records.read([nameOf('jti', jti)])).some((since) => since !== undefined),
  };
}
