import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { readCompactJws } from '../tokens/compact-token.js';

/** Withdraws tokens before their time, one by one or all of a person or a session. */
export interface Revocations {
  /** Whether a token was withdrawn; fits the option `isRevoked` as it is, also when taken off the object. */
  check(claims: Readonly<JWTPayload>, context: { token: string }): Promise<boolean>;
  /**
   * Withdraws one token, however its signature is written: whoever holds an ECDSA token can make a second valid one.
   * @param until when it ends by itself, in seconds since the epoch.
   */
  revokeToken(token: string, until: number): Promise<void>;
  /** Withdraws the token with this `jti` of this issuer. */
  revokeJti(token: { issuer: string; jti: string }, until: number): Promise<void>;
  /** Withdraws every token of a person that was issued until `since` (default: now), and those that do not say when. */
  revokeSubject(person: { issuer: string; subject: string }, options?: { since?: Date }): Promise<void>;
  /** The same for every token of a session at the provider (`sid`). */
  revokeSession(session: { issuer: string; sid: string }, options?: { since?: Date }): Promise<void>;
  /** Withdraws a `jti` whoever issued it; what `localToken` asks of its list. */
  revoke(jti: string, until: number): Promise<void>;
  isRevoked(jti: string): Promise<boolean>;
}

/**
 * Where revocations are kept: under each name a time in seconds; tokens issued until then are revoked. Names are
 * digests, so that who reads the store learns no token and no person.
 */
export interface RevocationRecords {
  /** Keeps the later time and the longer life of what stands there and what is given. @param ttl seconds, above 0. */
  raise(name: string, since: number, ttl: number): Promise<void>;
  /** @returns one time or `undefined` per name. */
  read(names: readonly string[]): Promise<readonly (number | undefined)[]>;
}

/** The last second of the year 9999: revoked whenever it was issued. */
const WHENEVER = 253_402_300_799;

/** Tokens are taken a little after their end; revocations outlive the largest `clockTolerance`. */
const TOLERANCE = 300;

const YEAR = 31_536_000;
const MONTH = 2_592_000;

function nameOf(kind: 'token' | 'jti' | 'subject' | 'session', ...parts: readonly string[]): string {
  return `${kind}:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
}

/** Without the signature, whose bytes the holder of an ECDSA token can change; an opaque token is taken whole. */
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
  if (!(since instanceof Date) || Number.isNaN(since.getTime())) {
    throw new ConfigurationError(option, 'expects a valid Date');
  }
  return since.getTime() / 1000;
}

/** Checks how long revocations by person and session are kept. @throws ConfigurationError */
export function resolveMaxLifetime(option: string, maxLifetime: unknown = MONTH): number {
  assertSeconds(option, maxLifetime, { min: 1, max: YEAR });
  return maxLifetime;
}

/** What the verbs are made over. */
interface Over {
  /** Names the option in refusals. */
  readonly factory: string;
  /** Seconds that tokens live at most. */
  readonly maxLifetime: number;
}

/** The two ways to withdraw: one token, or all until a time. */
function withdrawing(records: RevocationRecords, { factory, maxLifetime }: Over) {
  async function withdraw(name: string, since: number, until: number): Promise<void> {
    const ttl = until + TOLERANCE - Date.now() / 1000;
    if (ttl > 0) await records.raise(name, since, ttl);
  }
  return {
    async one(verb: string, name: string, until: number): Promise<void> {
      // Milliseconds and dates would keep it for the wrong time.
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

/** The verbs over any store. */
export function revocationsOver(records: RevocationRecords, over: Over): Revocations {
  const { factory } = over;
  const { one, all } = withdrawing(records, over);
  return {
    async check(claims, { token }) {
      const issued = typeof claims.iat === 'number' ? claims.iat : Number.NEGATIVE_INFINITY;
      const held = await records.read(namesOf(claims, token));
      // Written so that a time which is none revokes.
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
