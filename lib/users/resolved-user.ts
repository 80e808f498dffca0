import type { IncomingMessage } from 'node:http';
import type { UserIdentity, VerifiedIdentity } from '../principal/user-identity.js';
import type { Vouching } from './store-reach.js';
import type { Invalidation } from './user-store.js';

/** User that a source returned for an identity. */
export interface ResolvedUser {
  /** Id of the user; `undefined` where the callback's user has none. */
  readonly id: string | undefined;
  /** Record of the application; `undefined` where there is none. */
  readonly user: unknown;
  /** Stored memberships; `undefined` where the source keeps none. */
  readonly groups: readonly string[] | undefined;
  /** Whether this answer registered the user; `undefined` where only the callback knows. */
  readonly created: boolean | undefined;
}

/** Cache keys of an answer. */
export interface CachePlace {
  /** Key of the answer: requests with an equal slot share the newest one. */
  readonly slot: string;
  /** Key of what the source reads from the token; two tokens with equal variants share one cached answer. */
  readonly variant: string;
  /** Key of the identity, with the callback's variant. */
  readonly name: string;
  /** Key under which the identity counts as resolved before; `undefined`: it never does. */
  readonly met: string | undefined;
  /** Whether the answer is cached. */
  readonly keeps: boolean;
}

/** Source of users: finds or registers the user of a verified identity. */
export interface UserSource {
  /** Tenant of its identities. */
  readonly tenant: string;
  /**
   * Finds or registers the user of an identity.
   * @throws {ForbiddenError} when the user may not be admitted.
   * @throws {ServiceUnavailableError} `provisioning_unavailable`.
   */
  resolve(
    identity: UserIdentity,
    context: { req: IncomingMessage; place: CachePlace; seenBefore: boolean },
  ): Promise<ResolvedUser>;
  /**
   * Finds the user of an identity and checks that they are admitted, without linking or registering anybody;
   * `undefined` when there is none. Absent where only {@link resolve} can answer.
   */
  find?(identity: UserIdentity): Promise<ResolvedUser | undefined>;
  /** Returns the cache keys of the answer for an identity in a request. */
  placeOf(identity: VerifiedIdentity, req: IncomingMessage): CachePlace;
  /**
   * Registers the issuers whose identities reach this source.
   * @throws {ConfigurationError} when the policy does not allow them.
   */
  reachedBy?(issuers: Vouching): void;
  /**
   * Calls the listener with every change that the source learns of, and returns a function that ends the subscription.
   */
  subscribe?(listener: (change: Invalidation) => void): () => void;
  /** Releases what the source holds. */
  close?(): void;
}
