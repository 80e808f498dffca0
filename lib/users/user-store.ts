import type { IdentityKey } from '../principal/user-identity.js';

/**
 * Status of a user: admitted (`active`), awaiting approval (`pending`), or locked out (`disabled`). Only an application
 * or an operator changes it, never a token.
 */
export type UserStatus = 'active' | 'pending' | 'disabled';

/** A user as a store returns it. */
export interface StoredUser<U = unknown> {
  /** Id that the store created. It is never taken from a token. */
  readonly id: string;
  /** Status of the user. */
  readonly status: UserStatus;
  /** Record of the application; becomes `principal.user`. */
  readonly user: U;
  /**
   * Verified e-mail address, normalised.
   * @default none
   */
  readonly email?: string;
  /** All memberships, of every source. `undefined`: the store keeps none. */
  readonly groups?: readonly string[];
}

/** Names and addresses of a person that are stored. */
export interface UserProfile {
  /** Username, as the token wrote it. */
  readonly username?: string;
  /** Full name, as the token wrote it. */
  readonly name?: string;
  /** Verified e-mail address, normalised; the only one that is unique and matched. */
  readonly email?: string;
  /** Unverified e-mail address as the token wrote it; never unique, never matched. */
  readonly unverifiedEmail?: string;
}

/** Input of `provision`. The policy has decided what is allowed; the store carries it out atomically. */
export interface ProvisionInput {
  /** Identity whose user is wanted. */
  readonly identity: IdentityKey;
  /** Profile of a new user. */
  readonly profile: UserProfile;
  /**
   * Whether the identity may be linked to the active user whose verified address is `profile.email`. `true`: if the user
   * has no identity of this issuer. `'unclaimed'`: if the user has no identity at all, however many claim them at once.
   */
  readonly linkByEmail: boolean | 'unclaimed';
  /** Status of the user to create; `false`: none is created. */
  readonly create: 'active' | 'pending' | false;
  /** Groups of a new user. Their source is `default`, so no sync removes them. */
  readonly defaultGroups: readonly string[];
}

/** Outcome of `provision`. `link_required`: the address belongs to a user whom this identity may not be linked to. */
export type ProvisionResult<U = unknown> =
  | { readonly outcome: 'found' | 'created' | 'linked'; readonly user: StoredUser<U> }
  | { readonly outcome: 'denied'; readonly reason: 'not_registered' | 'link_required' | 'tombstoned' };

/** Memberships of one source, as a token states them. */
export interface GroupSync {
  /** Identity in whose name the groups are stated; its watermark counts. */
  readonly identity: IdentityKey;
  /** Source that grants the groups, usually the issuer. Memberships of other sources stay unchanged. */
  readonly source: string;
  /** Groups that the token states, mapped. */
  readonly groups: readonly string[];
  /** `add`: memberships are only added. `mirror`: memberships of this source that `groups` lacks are removed. */
  readonly mode: 'add' | 'mirror';
  /** Watermark: `iat` of the token, in seconds since the epoch; 0 if it has none. */
  readonly watermark: number;
}

/**
 * Change of users outside this process, whose cached answers must go: of a user (by id, compared as text), an identity
 * (without a tenant: of the method's), or all people of an issuer.
 */
export type Invalidation =
  | { readonly user: string | number | bigint }
  | { readonly identity: Omit<IdentityKey, 'tenant'> & Partial<IdentityKey> }
  | { readonly issuer: string };

/**
 * Store of the application's users. Every method is one atomic operation; it rejects on an outage (which becomes a
 * 503), and never for an expected outcome. `userStoreContract` in `sallyport/testing` is the suite that every store
 * must pass.
 */
export interface UserStore<U = unknown> {
  /** Finds the user of an identity, whatever the user's status. */
  find(key: IdentityKey): Promise<StoredUser<U> | undefined>;
  /**
   * Finds, links or creates the user of an identity in one operation. However many processes see an identity first,
   * exactly one call answers `created`; the others answer `found`.
   */
  provision(input: ProvisionInput): Promise<ProvisionResult<U>>;
  /** Links one more identity to a user of the same tenant. The caller has proved that it belongs to the user. */
  link(userId: string, key: IdentityKey): Promise<'linked' | 'already' | 'owned_by_other' | 'no_such_user'>;
  /**
   * Unlinks an identity and leaves a tombstone, so that a token which is still valid does not register it again for
   * `tombstone` seconds (one day by default). `false`: the user does not have this identity.
   */
  unlink(userId: string, key: IdentityKey, options?: { tombstone?: number }): Promise<boolean>;
  /**
   * Changes the given members of a profile; with `onlyBlank`, only those that are missing. `stale`: a newer token was
   * applied before, or no such user has this identity. `email_conflict`: the address belongs to another user, and
   * everything else was applied.
   */
  syncProfile(
    userId: string,
    profile: UserProfile,
    options: { identity: IdentityKey; watermark: number; onlyBlank: boolean },
  ): Promise<'applied' | 'stale' | 'email_conflict'>;
  /**
   * Updates the memberships of one source and returns what changed. `stale`: a newer token was applied before, or no
   * such user has this identity. Profile and groups have separate watermarks.
   */
  syncGroups(
    userId: string,
    sync: GroupSync,
  ): Promise<{ added: readonly string[]; removed: readonly string[] } | 'stale'>;
  /** Sets the status of a user. `false`: there is no such user. */
  setStatus(userId: string, status: UserStatus): Promise<boolean>;
  /**
   * Calls the listener for changed statuses and identities, including those that other processes change where the
   * database can tell, and returns a function that ends the subscription.
   */
  subscribe?(listener: (change: Invalidation) => void): () => void;
}
