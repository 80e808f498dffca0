import type { IncomingMessage } from 'node:http';
import type { UserIdentity } from '../principal/user-identity.js';
import type { Invalidation } from './user-store.js';

/** A person as the application knows them. */
export interface ResolvedUser {
  /** The application's id; `undefined` where a callback's user has none. */
  readonly id: string | undefined;
  readonly user: unknown;
  /** Stored memberships; `undefined` where none are kept. */
  readonly groups: readonly string[] | undefined;
  /** Whether this answer registered them; `undefined` where only a callback knows. */
  readonly created: boolean | undefined;
}

/** Turns a verified identity into a user of the application. */
export interface UserSource {
  /** @throws ForbiddenError for somebody who may not come in; ServiceUnavailableError `provisioning_unavailable`. */
  resolve(identity: UserIdentity, context: { req: IncomingMessage; seenBefore: boolean }): Promise<ResolvedUser>;
  readonly tenant: string;
  /** What of an identity, beside its key, the answer depends on: another token may say something else. */
  variantOf(identity: UserIdentity): string;
  subscribe?(listener: (change: Invalidation) => void): () => void;
}
