import type { ApiKey, ApiKeyInfo, CreatedApiKey } from '../consumers/api-key.js';
import { apiKeyId, assertPrefix, DEFAULT_PREFIX, matchesHash } from '../consumers/api-key-format.js';
import type { ManagedApiKeyStore, NewApiKey } from '../consumers/api-key-store.js';
import type { ListOptions, Page } from '../consumers/consumer-store.js';
import { createApiKey, successorOfApiKey } from '../consumers/new-api-key.js';
import { API_KEY_LIST_NAMES, pageRequest } from '../consumers/page.js';
import { noSuchApiKey } from '../consumers/refusals.js';
import { endOfGrace } from '../consumers/rotation.js';
import { assertImplements } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { type ApiKeyRow, apiKeyInfoOf, apiKeyValues } from './api-key-row.js';
import { apiKeyStatements } from './api-key-statements.js';
import { pageOfRows } from './consumer-row.js';
import { assertSchemaName, migrateSchema } from './schema.js';
import { assertStorable, isStorable, queryRows, rowsNamed, type SqlClient } from './sql-client.js';

/** Options of {@link postgresApiKeys}. */
export interface PostgresApiKeysOptions {
  /** A `pg.Pool`, a `pg.Client` or a PGlite. */
  client: SqlClient;
  /**
   * Schema of the tables.
   * @default 'public'
   */
  schema?: string | undefined;
  /**
   * First part of every key: letters and digits, with single underscores between them, at most 32 characters.
   * @default 'sp'
   */
  prefix?: string | undefined;
}

/** A store of API keys that creates its own tables. */
export interface PostgresApiKeyStore extends ManagedApiKeyStore {
  /** Creates missing tables. Safe at every start, and in several processes at the same time. */
  migrate(): Promise<void>;
}

class PostgresApiKeys implements PostgresApiKeyStore {
  readonly #client: SqlClient;
  readonly #schema: string;
  readonly #prefix: string;
  readonly #sql: ReturnType<typeof apiKeyStatements>;

  constructor({ client, schema = 'public', prefix = DEFAULT_PREFIX }: PostgresApiKeysOptions) {
    this.#client = client;
    this.#schema = schema;
    this.#prefix = prefix;
    this.#sql = apiKeyStatements(schema);
  }

  migrate(): Promise<void> {
    return migrateSchema(this.#client, this.#schema);
  }

  async findApiKey(key: string): Promise<ApiKey | undefined> {
    const id = apiKeyId(key, this.#prefix);
    if (id === undefined) return undefined;
    const row = await this.#find(id);
    return matchesHash(key, row?.hash) && row !== undefined ? apiKeyInfoOf(row) : undefined;
  }

  recognises(key: string): boolean {
    return apiKeyId(key, this.#prefix) !== undefined;
  }

  async create(given: NewApiKey): Promise<CreatedApiKey> {
    const { created, ...stored } = createApiKey('create', given, this.#prefix);
    assertStorable('create', { ...stored.info });
    await queryRows(this.#client, this.#sql.create, apiKeyValues(stored));
    return created;
  }

  async list(options: Pick<ListOptions, 'size' | 'after'> & { owner?: string } = {}): Promise<Page<ApiKeyInfo>> {
    checkOptionNames('list', options, API_KEY_LIST_NAMES);
    const page = pageRequest('list', options);
    const { owner } = options;
    if (!isStorable(owner)) return { data: [] };
    const values = [page.start, page.size + 1, owner ?? null];
    return pageOfRows(await queryRows<ApiKeyRow>(this.#client, this.#sql.list, values), page, apiKeyInfoOf);
  }

  async revoke(id: string): Promise<boolean> {
    return (await rowsNamed(this.#client, this.#sql.revoke, id)).length > 0;
  }

  async rotate(id: string, { grace, expiresAt }: { grace?: number; expiresAt?: Date } = {}): Promise<CreatedApiKey> {
    const end = endOfGrace('rotate', grace);
    const old = await this.#find(id);
    const successor = successorOfApiKey('rotate', id, old && apiKeyInfoOf(old), expiresAt);
    const { created, ...stored } = createApiKey('rotate', successor, this.#prefix);
    const rows = await queryRows(this.#client, this.#sql.rotate, [...apiKeyValues(stored), id, end]);
    // The key was revoked after it was read.
    if (rows.length === 0) throw noSuchApiKey('rotate', id);
    return created;
  }

  async #find(id: string): Promise<ApiKeyRow | undefined> {
    return (await rowsNamed<ApiKeyRow>(this.#client, this.#sql.find, id))[0];
  }
}

/**
 * Keeps API keys in PostgreSQL, or a database with its protocol. It stores a hash of each key; only the answers of
 * `create` and `rotate` contain the key itself. A text of another form is refused without a query.
 *
 * ```ts
 * const keys = postgresApiKeys({ client: new Pool() });
 * await keys.migrate();
 * app.use(apiKey({ keys }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function postgresApiKeys(options: PostgresApiKeysOptions): PostgresApiKeyStore {
  checkOptionNames(
    'postgresApiKeys',
    options,
    namesOf<PostgresApiKeysOptions>()({ client: true, schema: true, prefix: true }),
  );
  assertImplements('postgresApiKeys.client', options.client, ['query'], 'new Pool() of pg');
  if (options.schema !== undefined) assertSchemaName('postgresApiKeys.schema', options.schema);
  if (options.prefix !== undefined) assertPrefix('postgresApiKeys.prefix', options.prefix);
  return new PostgresApiKeys(options);
}
