import { randomUUID } from 'node:crypto';
import { assertImplements } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { SallyportUser } from '../users/memory-users.js';
import type { IdentityKey } from '../users/user-identity.js';
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
import { decidingAgain, LostRace } from './statements.js';
import { storedUser, type UserRow, type UserStatements, userStatements } from './user-statements.js';

/** Options of {@link postgresUsers}. */
export interface PostgresUsersOptions {
  /** A `pg.Pool`, a `pg.Client` or a PGlite. */
  client: SqlClient;
  /** Schema of the tables. Default `public`. */
  schema?: string;
  /**
   * Hears of changes that other processes make: a PGlite, or `pgListener(client)`. Default: what this process cached
   * of their users ages by itself, within a minute.
   */
  listener?: SqlListener;
}

/** A user store that creates its own tables. */
export interface PostgresUserStore extends UserStore<SallyportUser> {
  /** Creates what is missing; safe at every start, in several processes at once. */
  migrate(): Promise<void>;
  subscribe(listener: (change: Invalidation) => void): () => void;
}

const DAY = 86_400;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const keyOf = ({ tenant, issuer, subject }: IdentityKey) => [tenant, issuer, subject];

/** Whether anybody could be stored like this; PostgreSQL would call it an error, and it is only nobody. */
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

  /** Whoever loses a race decides again from the start, and never ties itself to whatever won. */
  async provision(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    if (!isStorable(...keyOf(input.identity))) return { outcome: 'denied', reason: 'not_registered' };
    return decidingAgain(() => this.#decide(input));
  }

  async #decide(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    const { identity, profile, create, linkByEmail } = input;
    const values = [...keyOf(identity), profile.email ?? null];
    // All that matters, as of one moment: whoever came first between two looks would be taken for somebody else.
    const [prospects] = await queryRows(this.#client, this.#sql.prospects, values);
    if (prospects?.known === true) return this.#arrived(identity, 'found');
    if (prospects?.buried === true) return { outcome: 'denied', reason: 'tombstoned' };
    if (prospects?.owned === true) {
      if (!linkByEmail || prospects.linkable !== true) return { outcome: 'denied', reason: 'link_required' };
      return this.#arrived(identity, (await this.#link(input)) ? 'linked' : 'found');
    }
    if (create === false) return { outcome: 'denied', reason: 'not_registered' };
    return this.#arrived(identity, (await this.#create(input, create)) ? 'created' : 'found');
  }

  async #arrived(key: IdentityKey, outcome: 'created' | 'linked' | 'found'): Promise<ProvisionResult<SallyportUser>> {
    const user = await this.find(key);
    if (user === undefined) throw new LostRace('whom it was to be tied to was not there any more');
    return { outcome, user };
  }

  async #link({ identity, profile }: ProvisionInput): Promise<boolean> {
    const values = [...keyOf(identity), profile.email ?? null, randomUUID()];
    const [row] = await queryRows(this.#client, this.#sql.link, values);
    return row?.linked === true;
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
    const [row] = await decidingAgain(() => queryRows(this.#client, this.#sql.tie, values));
    if (row === undefined) return 'no_such_user';
    if (row.linked !== true) return row.owner === userId.toLowerCase() ? 'already' : 'owned_by_other';
    this.#changes.tell(userId);
    return 'linked';
  }

  async unlink(userId: string, key: IdentityKey, { tombstone = DAY }: { tombstone?: number } = {}): Promise<boolean> {
    if (!canExist(userId, key)) return false;
    return this.#change(userId, this.#sql.untie, [...keyOf(key), userId, tombstone]);
  }

  async setStatus(userId: string, status: UserStatus): Promise<boolean> {
    return UUID.test(userId) && this.#change(userId, this.#sql.setStatus, [userId, status]);
  }

  async #change(userId: string, statement: string, values: readonly unknown[]): Promise<boolean> {
    const rows = await decidingAgain(() => queryRows(this.#client, statement, values));
    if (rows.length > 0) this.#changes.tell(userId);
    return rows.length > 0;
  }

  async syncProfile(
    userId: string,
    { username, name, email, unverifiedEmail }: UserProfile,
    { identity, watermark, onlyBlank }: { identity: IdentityKey; watermark: number; onlyBlank: boolean },
  ): Promise<'applied' | 'stale' | 'email_conflict'> {
    if (!canExist(userId, identity)) return 'stale';
    const values = [...keyOf(identity), userId, watermark, username, name, email, unverifiedEmail, onlyBlank];
    const [row] = await decidingAgain(() => queryRows(this.#client, this.#sql.syncProfile, values));
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
    return decidingAgain(async () => {
      const [row] = await queryRows<Synced>(this.#client, this.#sql.syncGroups, values);
      if (row?.current !== true) return 'stale';
      if (!row.applied) throw new LostRace('another token of this identity came first');
      return { added: row.added, removed: row.removed };
    });
  }
}

/**
 * People in PostgreSQL, or anything that speaks it: registration is exactly-once across processes, by one statement
 * and a primary key.
 *
 * ```ts
 * const store = postgresUsers({ client: new Pool() });
 * await store.migrate();
 * app.use(oidcBearer({ issuer, audience, users: { store, autoRegister: true } }));
 * ```
 *
 * @throws ConfigurationError for an option that is missing, unknown or of the wrong kind.
 */
export function postgresUsers(options: PostgresUsersOptions): PostgresUserStore {
  checkOptionNames('postgresUsers', options, ['client', 'schema', 'listener']);
  assertImplements('postgresUsers.client', options.client, ['query']);
  if (options.listener !== undefined) assertImplements('postgresUsers.listener', options.listener, ['listen']);
  if (options.schema !== undefined) assertSchemaName('postgresUsers.schema', options.schema);
  return new PostgresUsers(options);
}
