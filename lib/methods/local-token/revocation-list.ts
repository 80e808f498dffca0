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

/** Verified local token, before revocation is checked. */
export interface LocalRead {
  readonly principal: Principal;
  readonly origin: TokenOrigin | undefined;
  readonly jti: string;
  readonly exp: number;
}

/** Sources of revocation: the list of the method, and the application's `isRevoked`. */
interface Withdrawals {
  readonly revocations: RevocationList;
  readonly checks: TokenChecks;
}

const WITHDRAWN = { problem: 'it was withdrawn here' };

/**
 * Refuses a token that was revoked, by its own id or by the sign-in behind it.
 * @throws {InvalidTokenError} `token_revoked`.
 * @throws {ServiceUnavailableError} `store_unavailable` when the list fails.
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

/** List of revoked tokens. Each entry is kept until the token would have expired. */
export interface RevocationList {
  /**
   * Revokes a token by its `jti`.
   *
   * @param until `exp` of the token, in seconds since the epoch.
   */
  revoke(jti: string, until: number): Promise<void>;
  /** Whether the token with this `jti` is revoked. */
  isRevoked(jti: string): Promise<boolean>;
}

/** Options of {@link memoryRevocations}. */
export interface MemoryRevocationsOptions {
  /**
   * Longest lifetime of tokens in seconds, at most a year. Revocations by person and session are kept this long.
   * @default 2592000 (30 days)
   */
  maxLifetime?: number | undefined;
}

/** Returns `check` of a list that knows people and sessions; `undefined` of a list that knows single tokens only. */
function checkOf(revocations: RevocationList): Revocations['check'] | undefined {
  if (!('check' in revocations) || typeof revocations.check !== 'function') return undefined;
  // Cast: a list with `check` is one of this package, or has its shape.
  return revocations.check.bind(revocations) as Revocations['check'];
}

/** Most entries; more live revocations in one process need a shared list. */
const MAX_ENTRIES = 100_000;

/**
 * Creates a list of revoked tokens in memory: of this process only, with the latest 100000 entries. Several processes
 * share `redisRevocations` of `sallyport/redis`, which has the same methods.
 *
 * ```ts
 * const revocations = memoryRevocations();
 * app.use(oidcBearer({ issuer, audience, isRevoked: revocations.check }));
 * ```
 *
 * @throws {ConfigurationError} when an option is unknown or wrong.
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
