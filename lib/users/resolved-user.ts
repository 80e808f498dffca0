import type { IncomingMessage } from 'node:http';
import type { UserIdentity, VerifiedIdentity } from '../principal/user-identity.js';
import type { Vouching } from './store-reach.js';
import type { Invalidation } from './user-store.js';

/** A person as the application knows them. */
export interface ResolvedUser {
  /** The application's id; `undefined` where a callback's user has none. */
  readonly id: string | undefined;
  /** The application's own record; `undefined` where there is none. */
  readonly user: unknown;
  /** Stored memberships; `undefined` where none are kept. */
  readonly groups: readonly string[] | undefined;
  /** Whether this answer registered them; `undefined` where only a callback knows. */
  readonly created: boolean | undefined;
}

/** Place of an answer in the cache. */
export interface CachePlace {
  /** Name of the answer: requests with an equal one share it. */
  readonly slot: string;
  /** Tokens that the answer was given for are told apart by it, where the newest answer holds for all of them. */
  readonly variant: string;
  /** Name of the identity, with what the answer depends on beside it. */
  readonly name: string;
  /** Name under which an identity counts as met before; `undefined`: every time is the first. */
  readonly met: string | undefined;
  /** Whether the answer is kept for later requests. */
  readonly keeps: boolean;
}

/** Turns a verified identity into a user of the application. */
export interface UserSource {
  /** Tenant that its identities belong to. */
  readonly tenant: string;
  /**
   * Finds or registers the user.
   * @throws {ForbiddenError} for somebody who may not come in.
   * @throws {ServiceUnavailableError} `provisioning_unavailable`.
   */
  resolve(
    identity: UserIdentity,
    context: { req: IncomingMessage; place: CachePlace; seenBefore: boolean },
  ): Promise<ResolvedUser>;
  /**
   * Finds the user and checks that they may still come in, without linking or registering anybody; `undefined` when
   * there is none. Absent where only {@link resolve} knows.
   */
  find?(identity: UserIdentity): Promise<ResolvedUser | undefined>;
  /** The place of the answer for an identity in a request. */
  placeOf(identity: VerifiedIdentity, req: IncomingMessage): CachePlace;
  /** Notes that identities of these issuers come here. @throws {ConfigurationError} when they may not. */
  reachedBy?(issuers: Vouching): void;
  /** Calls the listener with every change that the source hears of, and returns a function that ends this. */
  subscribe?(listener: (change: Invalidation) => void): () => void;
  /** Ends what the source holds on to. */
  close?(): void;
}
