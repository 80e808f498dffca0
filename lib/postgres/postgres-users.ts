import { randomUUID } from 'node:crypto';
import { assertImplements } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { IdentityKey } from '../principal/user-identity.js';
import type { SallyportUser } from '../users/memory-users.js';
import type {
  GroupSync,
  Invalidation,
  ProvisionInput,
  ProvisionResult,
  StoredUser,
  UserProfile,
  UserStatus,
  UserStore,
} from '../users/user-store.js';
import { CHANNEL, ChangeFeed } from './change-feed.js';
import { assertSchemaName, migrateSchema } from './schema.js';
import { isStorable, queryRows, type Row, type SqlClient, type SqlListener } from './sql-client.js';
import { ConflictError, retryOnConflict } from './statements.js';
import { storedUser, type UserRow, type UserStatements, userStatements } from './user-statements.js';

/** Options of {@link postgresUsers}. */
export interface PostgresUsersOptions {
  /** A `pg.Pool`, a `pg.Client` or a PGlite. */
  client: SqlClient;
  /**
   * Schema of the tables.
   * @default 'public'
   */
  schema?: string | undefined;
  /**
   * Reports changes that other processes make: a PGlite, or `pgListener(client)`. Without it, users that this process
   * has cached are up to a minute old.
   * @default undefined
   */
  listener?: SqlListener | undefined;
}

/** A user store that creates its own tables. */
export interface PostgresUserStore extends UserStore<SallyportUser> {
  /** Creates missing tables. Safe at every start, and in several processes at the same time. */
  migrate(): Promise<void>;
  /** Calls `listener` for every change to a user's status or identities, and returns a function that ends this. */
  subscribe(listener: (change: Invalidation) => void): () => void;
}

const DAY = 86_400;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const keyOf = ({ tenant, issuer, subject }: IdentityKey) => [tenant, issuer, subject];

/** Whether PostgreSQL can hold such ids. It reports an error for others, although they only name no user. */
const canExist = (userId: string, key: IdentityKey) => UUID.test(userId) && isStorable(...keyOf(key));

class PostgresUsers implements PostgresUserStore {
  readonly #client: SqlClient;
  readonly #schema: string;
  readonly #sql: UserStatements;
  readonly #changes: ChangeFeed;

  constructor({ client, schema = 'public', listener }: PostgresUsersOptions) {
    this.#client = client;
    this.#schema = schema;
    this.#sql = userStatements(schema, CHANNEL);
    this.#changes = new ChangeFeed(listener);
  }

  migrate(): Promise<void> {
    return migrateSchema(this.#client, this.#schema);
  }

  subscribe(listener: (change: Invalidation) => void): () => void {
    return this.#changes.subscribe(listener);
  }

  async find(key: IdentityKey): Promise<StoredUser<SallyportUser> | undefined> {
    if (!isStorable(...keyOf(key))) return undefined;
    const [row] = await queryRows<UserRow>(this.#client, this.#sql.find, keyOf(key));
    return row && storedUser(row);
  }

  /** A call that loses a race starts again, and is never linked to what the other call created. */
  async provision(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    if (!isStorable(...keyOf(input.identity))) return { outcome: 'denied', reason: 'not_registered' };
    return retryOnConflict(() => this.#decide(input));
  }

  async #decide(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    const { identity, profile, create, linkByEmail } = input;
    const values = [...keyOf(identity), profile.email ?? null, linkByEmail === 'unclaimed'];
    // One statement reads all facts as of one moment; a registration between two reads would falsify the second.
    const [facts] = await queryRows(this.#client, this.#sql.provisioningFacts, values);
    if (facts?.known === true) return this.#resultFor(identity, 'found');
    if (facts?.tombstoned === true) return { outcome: 'denied', reason: 'tombstoned' };
    if (facts?.owned === true) {
      const { link_version: version } = facts;
      if (linkByEmail === false || typeof version !== 'number') return { outcome: 'denied', reason: 'link_required' };
      return this.#resultFor(identity, (await this.#link(input, version)) ? 'linked' : 'found');
    }
    if (create === false) return { outcome: 'denied', reason: 'not_registered' };
    return this.#resultFor(identity, (await this.#create(input, create)) ? 'created' : 'found');
  }

  async #resultFor(key: IdentityKey, outcome: 'created' | 'linked' | 'found'): Promise<ProvisionResult<SallyportUser>> {
    const user = await this.find(key);
    if (user === undefined) throw new ConflictError('the user of this identity has been deleted meanwhile');
    return { outcome, user };
  }

  async #link({ identity, profile }: ProvisionInput, version: number): Promise<boolean> {
    const values = [...keyOf(identity), profile.email ?? null, randomUUID(), version];
    const [row] = await queryRows(this.#client, this.#sql.linkByEmail, values);
    if (row === undefined) throw new ConflictError('the user of this address has been linked to meanwhile');
    return row.linked === true;
  }

  async #create({ identity, profile, defaultGroups }: ProvisionInput, status: 'active' | 'pending'): Promise<boolean> {
    const { username = null, name = null, email = null, unverifiedEmail = null } = profile;
    const groups = JSON.stringify(defaultGroups);
    const values = [...keyOf(identity), randomUUID(), username, name, email, unverifiedEmail, status, groups];
    const [row] = await queryRows(this.#client, this.#sql.create, values);
    return row?.created === true;
  }

  async link(userId: string, key: IdentityKey): Promise<'linked' | 'already' | 'owned_by_other' | 'no_such_user'> {
    if (!canExist(userId, key)) return 'no_such_user';
    const values = [...keyOf(key), userId, randomUUID()];
    const [row] = await retryOnConflict(() => queryRows(this.#client, this.#sql.linkIdentity, values));
    if (row === undefined) return 'no_such_user';
    if (row.linked !== true) return row.owner === userId.toLowerCase() ? 'already' : 'owned_by_other';
    this.#changes.notify(userId);
    return 'linked';
  }

  async unlink(userId: string, key: IdentityKey, { tombstone = DAY }: { tombstone?: number } = {}): Promise<boolean> {
    if (!canExist(userId, key)) return false;
    return this.#change(userId, this.#sql.unlinkIdentity, [...keyOf(key), userId, tombstone]);
  }

  async setStatus(userId: string, status: UserStatus): Promise<boolean> {
    return UUID.test(userId) && this.#change(userId, this.#sql.setStatus, [userId, status]);
  }

  async #change(userId: string, statement: string, values: readonly unknown[]): Promise<boolean> {
    const rows = await retryOnConflict(() => queryRows(this.#client, statement, values));
    if (rows.length > 0) this.#changes.notify(userId);
    return rows.length > 0;
  }

  async syncProfile(
    userId: string,
    { username, name, email, unverifiedEmail }: UserProfile,
    { identity, watermark, onlyBlank }: { identity: IdentityKey; watermark: number; onlyBlank: boolean },
  ): Promise<'applied' | 'stale' | 'email_conflict'> {
    if (!canExist(userId, identity)) return 'stale';
    const values = [...keyOf(identity), userId, watermark, username, name, email, unverifiedEmail, onlyBlank];
    const [row] = await retryOnConflict(() => queryRows(this.#client, this.#sql.syncProfile, values));
    if (row === undefined) return 'stale';
    return row.taken === true ? 'email_conflict' : 'applied';
  }

  async syncGroups(
    userId: string,
    { identity, source, groups, mode, watermark }: GroupSync,
  ): Promise<{ added: readonly string[]; removed: readonly string[] } | 'stale'> {
    if (!canExist(userId, identity)) return 'stale';
    const values = [...keyOf(identity), userId, watermark, source, JSON.stringify(groups), mode === 'mirror'];
    type Synced = Row & { applied: boolean; current: boolean; added: string[]; removed: string[] };
    return retryOnConflict(async () => {
      const [row] = await queryRows<Synced>(this.#client, this.#sql.syncGroups, values);
      if (row?.current !== true) return 'stale';
      if (!row.applied) throw new ConflictError('another token of this identity was applied meanwhile');
      return { added: row.added, removed: row.removed };
    });
  }
}

/**
 * Keeps users in PostgreSQL, or a database with its protocol. Each identity is registered exactly once, whatever
 * number of processes sees it first: one statement and a primary key decide.
 *
 * ```ts
 * const store = postgresUsers({ client: new Pool() });
 * await store.migrate();
 * app.use(oidcBearer({ issuer, audience, users: { store, autoRegister: true } }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function postgresUsers(options: PostgresUsersOptions): PostgresUserStore {
  checkOptionNames(
    'postgresUsers',
    options,
    namesOf<PostgresUsersOptions>()({ client: true, schema: true, listener: true }),
  );
  assertImplements('postgresUsers.client', options.client, ['query'], 'new Pool() of pg');
  if (options.listener !== undefined) assertImplements('postgresUsers.listener', options.listener, ['listen']);
  if (options.schema !== undefined) assertSchemaName('postgresUsers.schema', options.schema);
  return new PostgresUsers(options);
}
