import { randomUUID } from 'node:crypto';
import { type IdentityKey, identityDigest } from '../principal/user-identity.js';
import type {
  GroupSync,
  Invalidation,
  ProvisionInput,
  ProvisionResult,
  StoredUser,
  UserProfile,
  UserStatus,
  UserStore,
} from './user-store.js';

/** User record of the memory and PostgreSQL stores; becomes `principal.user`. */
export interface SallyportUser {
  /** Id that the store created. */
  readonly id: string;
  /** Username, as a token wrote it. */
  readonly username?: string;
  /** Full name, as a token wrote it. */
  readonly name?: string;
  /** Verified address, normalised. */
  readonly email?: string;
  /** Unverified address, as a token wrote it. */
  readonly unverifiedEmail?: string;
  /** Time at which the user was registered. */
  readonly createdAt: Date;
}

interface Membership {
  readonly group: string;
  readonly source: string;
}

interface UserRow {
  user: SallyportUser;
  readonly tenant: string;
  status: UserStatus;
  memberships: readonly Membership[];
}

interface IdentityRow {
  readonly key: IdentityKey;
  readonly userId: string;
  /** Watermark: `iat` of the newest token whose groups were applied. The profile has its own. */
  groupWatermark: number;
  profileWatermark: number;
}

const DAY = 86_400;
const DEFAULT_SOURCE = 'default';

/** User store in memory. No operation awaits anything, so each is atomic as the contract requires. */
class MemoryUsers implements UserStore<SallyportUser> {
  readonly #users = new Map<string, UserRow>();
  readonly #identities = new Map<string, IdentityRow>();
  readonly #tombstones = new Map<string, number>();
  readonly #listeners = new Set<(change: Invalidation) => void>();

  async find(key: IdentityKey): Promise<StoredUser<SallyportUser> | undefined> {
    return this.#find(key);
  }

  async provision(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    const { identity, profile, create, linkByEmail } = input;
    const found = this.#find(identity);
    if (found !== undefined) return { outcome: 'found', user: found };
    if ((this.#tombstones.get(identityDigest(identity)) ?? 0) > Date.now())
      return { outcome: 'denied', reason: 'tombstoned' };
    const owner = this.#ownerOf(identity.tenant, profile.email);
    if (owner !== undefined) {
      if (!this.#mayLink(owner, identity, linkByEmail)) return { outcome: 'denied', reason: 'link_required' };
      this.#tie(owner.user.id, identity);
      return { outcome: 'linked', user: stored(owner) };
    }
    if (create === false) return { outcome: 'denied', reason: 'not_registered' };
    return { outcome: 'created', user: stored(this.#create(input, create)) };
  }

  async link(userId: string, key: IdentityKey): Promise<'linked' | 'already' | 'owned_by_other' | 'no_such_user'> {
    if (this.#users.get(userId)?.tenant !== key.tenant) return 'no_such_user';
    const owner = this.#identities.get(identityDigest(key))?.userId;
    if (owner !== undefined) return owner === userId ? 'already' : 'owned_by_other';
    this.#tie(userId, key);
    this.#tell({ identity: key });
    return 'linked';
  }

  async unlink(userId: string, key: IdentityKey, { tombstone = DAY }: { tombstone?: number } = {}): Promise<boolean> {
    const digest = identityDigest(key);
    if (this.#identities.get(digest)?.userId !== userId) return false;
    this.#identities.delete(digest);
    this.#tombstones.set(digest, Date.now() + tombstone * 1000);
    this.#tell({ identity: key });
    return true;
  }

  async syncProfile(
    userId: string,
    profile: UserProfile,
    { identity, watermark, onlyBlank }: { identity: IdentityKey; watermark: number; onlyBlank: boolean },
  ): Promise<'applied' | 'stale' | 'email_conflict'> {
    const tied = this.#identities.get(identityDigest(identity));
    const row = this.#users.get(userId);
    if (tied?.userId !== userId || row === undefined || watermark < tied.profileWatermark) return 'stale';
    tied.profileWatermark = watermark;
    const { email, ...names } = profile;
    const wanted = onlyBlank && row.user.email !== undefined ? undefined : email;
    const owner = this.#ownerOf(row.tenant, wanted);
    const isTaken = owner !== undefined && owner !== row;
    const patch = isTaken || wanted === undefined ? names : { ...names, email: wanted };
    row.user = Object.freeze(onlyBlank ? { ...patch, ...row.user } : { ...row.user, ...patch });
    return isTaken ? 'email_conflict' : 'applied';
  }

  async syncGroups(
    userId: string,
    sync: GroupSync,
  ): Promise<{ added: readonly string[]; removed: readonly string[] } | 'stale'> {
    const tied = this.#identities.get(identityDigest(sync.identity));
    const row = this.#users.get(userId);
    if (tied?.userId !== userId || row === undefined || sync.watermark < tied.groupWatermark) return 'stale';
    tied.groupWatermark = sync.watermark;
    const ours = row.memberships.filter(({ source }) => source === sync.source).map(({ group }) => group);
    const added = [...new Set(sync.groups)].filter((group) => !ours.includes(group));
    const removed = sync.mode === 'mirror' ? ours.filter((group) => !sync.groups.includes(group)) : [];
    const kept = row.memberships.filter(({ group, source }) => source !== sync.source || !removed.includes(group));
    row.memberships = [...kept, ...added.map((group) => ({ group, source: sync.source }))];
    return { added, removed };
  }

  async setStatus(userId: string, status: UserStatus): Promise<boolean> {
    const row = this.#users.get(userId);
    if (row === undefined) return false;
    row.status = status;
    this.#tell({ user: userId });
    return true;
  }

  subscribe(listener: (change: Invalidation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #find(key: IdentityKey): StoredUser<SallyportUser> | undefined {
    const identity = this.#identities.get(identityDigest(key));
    const row = identity && this.#users.get(identity.userId);
    return row && stored(row);
  }

  #tell(change: Invalidation): void {
    for (const listener of this.#listeners) listener(change);
  }

  #ownerOf(tenant: string, email: string | undefined): UserRow | undefined {
    if (email === undefined) return undefined;
    return [...this.#users.values()].find((row) => row.tenant === tenant && row.user.email === email);
  }

  /**
   * Whether an identity may be linked to a user by e-mail. A user who is not active gets none, and neither does a user
   * with another identity of this issuer, because the issuer has then given one address to two people.
   */
  #mayLink({ status, user }: UserRow, { issuer }: IdentityKey, how: ProvisionInput['linkByEmail']): boolean {
    if (how === false || status !== 'active') return false;
    const identities = [...this.#identities.values()].filter(({ userId }) => userId === user.id);
    return !identities.some(({ key }) => how === 'unclaimed' || key.issuer === issuer);
  }

  #tie(userId: string, { tenant, issuer, subject }: IdentityKey): void {
    const key = { tenant, issuer, subject };
    this.#identities.set(identityDigest(key), { key, userId, groupWatermark: 0, profileWatermark: 0 });
  }

  #create({ identity, profile, defaultGroups }: ProvisionInput, status: UserStatus): UserRow {
    const user = Object.freeze({ id: randomUUID(), ...profile, createdAt: new Date() });
    const memberships = defaultGroups.map((group) => ({ group, source: DEFAULT_SOURCE }));
    const row: UserRow = { user, tenant: identity.tenant, status, memberships };
    this.#users.set(user.id, row);
    this.#tie(user.id, identity);
    return row;
  }
}

function stored({ user, status, memberships }: UserRow): StoredUser<SallyportUser> {
  const groups = [...new Set(memberships.map(({ group }) => group))];
  return { id: user.id, status, user, groups, ...(user.email === undefined ? {} : { email: user.email }) };
}

/**
 * Creates a user store in memory, for tests and trials. Its users end with the process, and no other process sees them.
 */
export function memoryUsers(): UserStore<SallyportUser> {
  return new MemoryUsers();
}
