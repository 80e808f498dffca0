import { LRUCache } from 'lru-cache';
import { fromStore } from '../../errors/application-code.js';
import { InvalidTokenError } from '../../errors/auth-error.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import type { Principal } from '../../principal/principal.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { type Revocations, resolveMaxLifetime, revocationsOver } from '../../verification/revocations.js';
import { assertTokenChecks, type TokenChecks } from '../../verification/token-checks.js';
import { originClaims, type TokenOrigin } from './token-origin.js';

/** A genuine local token. */
export interface LocalRead {
  readonly principal: Principal;
  readonly origin: TokenOrigin | undefined;
  readonly jti: string;
  readonly exp: number;
}

/** Who knows of withdrawals: the list of the method, and the application's `isRevoked`. */
interface Withdrawals {
  readonly revocations: RevocationList;
  readonly checks: TokenChecks;
}

const WITHDRAWN = { problem: 'it was withdrawn here' };

/**
 * Refuses a token that was withdrawn, by its own name or by that of the sign-in behind it.
 * @throws {InvalidTokenError} `token_revoked`.
 * @throws {ServiceUnavailableError} when nobody can say.
 */
export async function assertNotWithdrawn(
  { revocations, checks: { isRevoked } }: Withdrawals,
  { origin, jti }: LocalRead,
  presented: PresentedToken,
  req: AuthRequest,
): Promise<void> {
  const { token } = presented;
  const { header, claims } = presented.read();
  const before = origin && originClaims(origin, claims);
  const check = checkOf(revocations);
  const isGood = await fromStore('localToken.revocations', revocations, async () => {
    if (check === undefined) return !(await revocations.isRevoked(jti));
    const asked = [claims, ...(before === undefined ? [] : [before])].map((each) => check(each, { token }));
    return (await Promise.all(asked)).every((isRevoked) => isRevoked === false);
  });
  if (!isGood) throw new InvalidTokenError('token_revoked', { detail: WITHDRAWN });
  if (before !== undefined)
    await assertTokenChecks({ validators: [], isRevoked }, { token, header, claims: before, req });
}

/** List of withdrawn tokens, each of which is remembered until it would have ended anyway. */
export interface RevocationList {
  /** @param until when the token ends by itself, in seconds since the epoch. */
  revoke(jti: string, until: number): Promise<void>;
  isRevoked(jti: string): Promise<boolean>;
}

/** Options of {@link memoryRevocations}. */
export interface MemoryRevocationsOptions {
  /**
   * Seconds that tokens live at most, up to a year: how long revocations by person and session are kept.
   * @default 2592000 (30 days)
   */
  maxLifetime?: number | undefined;
}

/** The part of {@link Revocations} that knows people and sessions; `undefined` of a list that knows tokens alone. */
function checkOf(revocations: RevocationList): Revocations['check'] | undefined {
  if (!('check' in revocations) || typeof revocations.check !== 'function') return undefined;
  // What has a check is one of ours, or made after it.
  return revocations.check.bind(revocations) as Revocations['check'];
}

/** More live revocations than this in one process call for a shared list. */
const MAX_ENTRIES = 100_000;

/**
 * Withdrawn tokens in memory: of this process, and gone with it; the latest 100000. Several processes share
 * `redisRevocations` of `sallyport/redis`, which has the same verbs.
 *
 * ```ts
 * const revocations = memoryRevocations();
 * app.use(oidcBearer({ issuer, audience, isRevoked: revocations.check }));
 * ```
 *
 * @throws ConfigurationError at creation.
 */
export function memoryRevocations(options: MemoryRevocationsOptions = {}): Revocations {
  checkOptionNames('memoryRevocations', options, namesOf<MemoryRevocationsOptions>()({ maxLifetime: true }));
  const maxLifetime = resolveMaxLifetime('memoryRevocations.maxLifetime', options.maxLifetime);
  const held = new LRUCache<string, number>({ max: MAX_ENTRIES });
  const records = {
    async raise(name: string, since: number, ttl: number) {
      const kept = held.get(name) ?? since;
      const left = Math.max(held.getRemainingTTL(name), Math.ceil(ttl * 1000));
      held.set(name, Math.max(kept, since), { ttl: left });
    },
    read: async (names: readonly string[]) => names.map((name) => held.get(name)),
  };
  return revocationsOver(records, { factory: 'memoryRevocations', maxLifetime });
}
