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
import { assertSchemaName, migrateSchema } from './schema.js';
import {
  DEADLOCK,
  isStorable,
  queryRows,
  type Row,
  SERIALIZATION_FAILURE,
  type SqlClient,
  type SqlListener,
  sqlState,
  UNIQUE_VIOLATION,
} from './sql-client.js';
import { storedUser, type UserRow } from './user-row.js';
import { type UserStatements, userStatements } from './user-statements.js';

/** Options of {@link postgresUsers}. */
export interface PostgresUsersOptions {
  /** A `pg.Pool`, a `pg.Client` or a PGlite. */
  client: SqlClient;
  /** Schema of the tables. Default `public`. */
  schema?: string;
  /** Hears of changes that other processes make: a PGlite, or `pgListener(client)`. Default: caches age by themselves. */
  listener?: SqlListener;
}

/** A user store that creates its own tables. */
export interface PostgresUserStore extends UserStore<SallyportUser> {
  /** Creates what is missing; safe at every start, in several processes at once. */
  migrate(): Promise<void>;
}

const CHANNEL = 'sallyport_users';
const DAY = 86_400;
/** A race that is lost three times in a row is no race any more. */
const ATTEMPTS = 4;
const LOST_RACES: readonly (string | undefined)[] = [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const keyOf = ({ tenant, issuer, subject }: IdentityKey) => [tenant, issuer, subject];

class PostgresUsers implements PostgresUserStore {
  readonly #client: SqlClient;
  readonly #schema: string;
  readonly #sql: UserStatements;
  readonly subscribe?: (listener: (change: Invalidation) => void) => () => void;

  constructor({ client, schema = 'public', listener }: PostgresUsersOptions) {
    this.#client = client;
    this.#schema = schema;
    this.#sql = userStatements(schema, CHANNEL);
    if (listener !== undefined) this.subscribe = (tell) => subscribeTo(listener, tell);
  }

  migrate(): Promise<void> {
    return migrateSchema(this.#client, this.#schema);
  }

  async find(key: IdentityKey): Promise<StoredUser<SallyportUser> | undefined> {
    if (!isStorable(...keyOf(key))) return undefined;
    const [row] = await queryRows<UserRow>(this.#client, this.#sql.find, keyOf(key));
    return row && storedUser(row);
  }

  /** Whoever loses a race decides again from the start, and never ties itself to whatever won. */
  async provision(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    if (!isStorable(...keyOf(input.identity))) return { outcome: 'denied', reason: 'not_registered' };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#decide(input);
      } catch (error) {
        if (attempt === ATTEMPTS || !LOST_RACES.includes(sqlState(error))) throw error;
      }
    }
  }

  async #decide(input: ProvisionInput): Promise<ProvisionResult<SallyportUser>> {
    const { identity, profile, create } = input;
    const found = await this.find(identity);
    if (found !== undefined) return { outcome: 'found', user: found };
    if (input.linkByEmail && (await this.#link(input))) return this.#arrived(identity, 'linked');
    const [obstacles] = await queryRows(this.#client, this.#sql.obstacles, [...keyOf(identity), profile.email ?? null]);
    if (obstacles?.buried === true) return { outcome: 'denied', reason: 'tombstoned' };
    if (obstacles?.owned === true) return { outcome: 'denied', reason: 'link_required' };
    if (create === false) return { outcome: 'denied', reason: 'not_registered' };
    return this.#arrived(identity, (await this.#create(input, create)) ? 'created' : 'found');
  }

  async #arrived(key: IdentityKey, outcome: 'created' | 'linked' | 'found'): Promise<ProvisionResult<SallyportUser>> {
    const user = await this.find(key);
    if (user === undefined) throw new Error('the user was deleted while it was registered');
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
    if (!UUID.test(userId) || !isStorable(...keyOf(key))) return 'no_such_user';
    const [row] = await queryRows(this.#client, this.#sql.tie, [...keyOf(key), userId, randomUUID()]);
    if (row === undefined) return 'no_such_user';
    if (row.linked === true) return 'linked';
    return row.owner === userId.toLowerCase() ? 'already' : 'owned_by_other';
  }

  async unlink(userId: string, key: IdentityKey, { tombstone = DAY }: { tombstone?: number } = {}): Promise<boolean> {
    if (!UUID.test(userId) || !isStorable(...keyOf(key))) return false;
    return (await queryRows(this.#client, this.#sql.untie, [...keyOf(key), userId, tombstone])).length > 0;
  }

  async syncProfile(
    userId: string,
    {
      username = null,
      name = null,
      email = null,
      unverifiedEmail = null,
    }: { [Field in keyof UserProfile]?: string | null },
    { identity, watermark, onlyBlank }: { identity: IdentityKey; watermark: number; onlyBlank: boolean },
  ): Promise<'applied' | 'stale' | 'email_conflict'> {
    const values = [...keyOf(identity), userId, watermark, username, name, email, unverifiedEmail, onlyBlank];
    const [row] = await queryRows(this.#client, this.#sql.syncProfile, values);
    if (row === undefined) return 'stale';
    return row.taken === true ? 'email_conflict' : 'applied';
  }

  async syncGroups(
    userId: string,
    { identity, source, groups, mode, watermark }: GroupSync,
  ): Promise<{ added: readonly string[]; removed: readonly string[] } | 'stale'> {
    const values = [...keyOf(identity), userId, watermark, source, JSON.stringify(groups), mode === 'mirror'];
    type Synced = Row & { applied: boolean; added: string[]; removed: string[] };
    const [row] = await queryRows<Synced>(this.#client, this.#sql.syncGroups, values);
    return row?.applied === true ? { added: row.added, removed: row.removed } : 'stale';
  }

  async setStatus(userId: string, status: UserStatus): Promise<boolean> {
    if (!UUID.test(userId)) return false;
    return (await queryRows(this.#client, this.#sql.setStatus, [userId, status])).length > 0;
  }
}

/** Listening starts in the background; until it does, caches age by themselves. */
function subscribeTo(listener: SqlListener, tell: (change: Invalidation) => void): () => void {
  const stop = listener.listen(CHANNEL, (user) => tell({ user }));
  stop.catch(() => undefined);
  return () => void stop.then((end) => end()).catch(() => undefined);
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
