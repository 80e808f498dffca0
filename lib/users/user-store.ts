import type { IdentityKey } from '../principal/user-identity.js';

/** Whether a user may come in. Only an application or an operator changes it, never a token. */
export type UserStatus = 'active' | 'pending' | 'disabled';

/** A user as a store returns it. */
export interface StoredUser<U = unknown> {
  /** Id that the store made. It is never taken from a token. */
  readonly id: string;
  /** Whether they may come in. */
  readonly status: UserStatus;
  /** The application's own record; becomes `principal.user`. */
  readonly user: U;
  /** The verified address, normalised. */
  readonly email?: string;
  /** All memberships, whoever granted them. `undefined`: this store keeps none. */
  readonly groups?: readonly string[];
}

/** Names and addresses that are kept about a person. */
export interface UserProfile {
  readonly username?: string;
  readonly name?: string;
  /** Normalised and verified; the only form that is unique and matched. */
  readonly email?: string;
  /** As the token wrote it, where it is not verified; never unique, never matched. */
  readonly unverifiedEmail?: string;
}

/** Input of `provision`. The policy has decided what may happen; the store carries it out, atomically. */
export interface ProvisionInput {
  readonly identity: IdentityKey;
  readonly profile: UserProfile;
  /**
   * Whether the identity may be linked to the active user whose verified address is `profile.email`. `true`: if the user
   * has no identity of this issuer. `'unclaimed'`: if the user has no identity at all, however many claim them at once.
   */
  readonly linkByEmail: boolean | 'unclaimed';
  /** Status of a user who may be created; `false`: nobody may. */
  readonly create: 'active' | 'pending' | false;
  /** Groups of a new user; their source is `default`, so no sync removes them. */
  readonly defaultGroups: readonly string[];
}

/** Outcome of `provision`. `link_required`: the address belongs to a user whom this identity may not be linked to. */
export type ProvisionResult<U = unknown> =
  | { readonly outcome: 'found' | 'created' | 'linked'; readonly user: StoredUser<U> }
  | { readonly outcome: 'denied'; readonly reason: 'not_registered' | 'link_required' | 'tombstoned' };

/** Memberships of one source that a token brings up to date. */
export interface GroupSync {
  readonly identity: IdentityKey;
  /** Who grants them, usually the issuer. Memberships of other sources are never touched. */
  readonly source: string;
  readonly groups: readonly string[];
  /** `mirror` also removes what this source no longer grants. */
  readonly mode: 'add' | 'mirror';
  /** `iat` of the token; 0 if it has none. */
  readonly watermark: number;
}

/**
 * What has changed elsewhere, so that what is remembered of it is forgotten: a user (by id, compared as text), an
 * identity (without a tenant: that of the method), or an issuer with everybody in it.
 */
export type Invalidation =
  | { readonly user: string | number | bigint }
  | { readonly identity: Omit<IdentityKey, 'tenant'> & Partial<IdentityKey> }
  | { readonly issuer: string };

/**
 * The application's records of its people. Every method is one atomic operation, rejects on an outage (which
 * becomes a 503) and never on an expected outcome. `userStoreContract` in `sallyport/testing` is the suite that
 * every store must pass.
 */
export interface UserStore<U = unknown> {
  /** The user whom an identity belongs to, whatever their status. */
  find(key: IdentityKey): Promise<StoredUser<U> | undefined>;
  /**
   * Finds, links or creates in one operation. However many processes see an identity first, exactly one call
   * answers `created`; the others answer `found`.
   */
  provision(input: ProvisionInput): Promise<ProvisionResult<U>>;
  /** Ties one more identity to a user of the same tenant. Who asks for it has proved that the identity is theirs. */
  link(userId: string, key: IdentityKey): Promise<'linked' | 'already' | 'owned_by_other' | 'no_such_user'>;
  /** Unties an identity and leaves a tombstone, so that a live token cannot register anew for `tombstone` seconds (default a day). */
  unlink(userId: string, key: IdentityKey, options?: { tombstone?: number }): Promise<boolean>;
  /**
   * Changes what is given and leaves the rest; with `onlyBlank`, only what is not there yet. `stale`: a newer token
   * was applied before, or there is no such user with this identity. `email_conflict`: the address is another
   * user's, and everything else was applied.
   */
  syncProfile(
    userId: string,
    profile: UserProfile,
    options: { identity: IdentityKey; watermark: number; onlyBlank: boolean },
  ): Promise<'applied' | 'stale' | 'email_conflict'>;
  /**
   * Brings the memberships of one source up to date and answers what changed. `stale`: a newer token was applied
   * before, or there is no such user with this identity. Profile and groups have a watermark each.
   */
  syncGroups(
    userId: string,
    sync: GroupSync,
  ): Promise<{ added: readonly string[]; removed: readonly string[] } | 'stale'>;
  /** Lets a user in or out. `false`: there is no such user. */
  setStatus(userId: string, status: UserStatus): Promise<boolean>;
  /**
   * Calls the listener for changed statuses and identities, also those that other processes change where the database
   * can tell, and returns the function that ends this.
   */
  subscribe?(listener: (change: Invalidation) => void): () => void;
}
