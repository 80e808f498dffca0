import type { Consumer, ConsumerCredential, CreatedCredential, CredentialInfo } from '../consumers/consumer.js';
import {
  type ConsumerName,
  type ListOptions,
  type ManagedConsumerStore,
  type NewConsumer,
  type NewCredential,
  type Page,
  textOfName,
} from '../consumers/consumer-store.js';
import { createConsumerRecord } from '../consumers/new-consumer.js';
import { taggedPageRequest } from '../consumers/page.js';
import { noSuchConsumer, noSuchCredential } from '../consumers/refusals.js';
import { endOfGrace, successorOf } from '../consumers/rotation.js';
import { assertImplements } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import {
  type ConsumerRow,
  type CredentialRow,
  consumerOf,
  consumerValues,
  credentialInfoOf,
  type FoundRow,
  json,
  ownerOf,
  pageOfRows,
} from './consumer-row.js';
import { consumerStatements } from './consumer-statements.js';
import { namingDuplicates } from './duplicates.js';
import { resealAll } from './reseal.js';
import { assertSchemaName, migrateSchema } from './schema.js';
import { type CredentialWrite, openCredential, writeCredential } from './sealed-credentials.js';
import { type KeyEncryption, Sealing } from './sealing.js';
import { assertStorable, isStorable, queryRows, rowsNamed, type SqlClient } from './sql-client.js';

/** Options of {@link postgresConsumers}. */
export interface PostgresConsumersOptions {
  /** A `pg.Pool`, a `pg.Client` or a PGlite. */
  client: SqlClient;
  /**
   * Schema of the tables.
   * @default 'public'
   */
  schema?: string | undefined;
  /** Key-encryption keys that seal the consumers' secrets. Keep them out of this database and its backups. */
  keyEncryption: KeyEncryption;
}
const NAMES = namesOf<PostgresConsumersOptions>()({ client: true, schema: true, keyEncryption: true });

/** A consumer store that creates its own tables and seals its secrets. */
export interface PostgresConsumerStore extends ManagedConsumerStore {
  /** Creates missing tables. Safe at every start, and in several processes at the same time. */
  migrate(): Promise<void>;
  /**
   * Seals every secret again that is not under the current key, and returns how many. Safe while requests run. To
   * change the key: give every process the new one, make it `current`, call `reseal()`, remove the old one.
   * @throws {Error} when some secrets could not be opened, after all others were sealed.
   */
  reseal(): Promise<number>;
}

class PostgresConsumers implements PostgresConsumerStore {
  readonly #client: SqlClient;
  readonly #schema: string;
  readonly #sealing: Sealing;
  readonly #sql: ReturnType<typeof consumerStatements>;

  constructor({ client, schema = 'public', keyEncryption }: PostgresConsumersOptions) {
    this.#client = client;
    this.#schema = schema;
    this.#sealing = new Sealing('postgresConsumers.keyEncryption', keyEncryption);
    this.#sql = consumerStatements(schema);
  }

  migrate(): Promise<void> {
    return migrateSchema(this.#client, this.#schema);
  }

  reseal(): Promise<number> {
    return resealAll(this.#client, this.#sql, this.#sealing);
  }

  async findCredential(key: string): Promise<{ credential: ConsumerCredential; consumer: Consumer } | undefined> {
    const [row] = await rowsNamed<FoundRow>(this.#client, this.#sql.findCredential, key);
    return row && { credential: openCredential(row, this.#sealing), consumer: ownerOf(row) };
  }

  async createConsumer(given: NewConsumer): Promise<Consumer> {
    const consumer = createConsumerRecord('createConsumer', given);
    assertStorable('createConsumer', { ...consumer });
    const values = [consumer.id, ...consumerValues(consumer), consumer.createdAt];
    await namingDuplicates('createConsumer', consumer, () => queryRows(this.#client, this.#sql.createConsumer, values));
    return consumer;
  }

  async getConsumer(consumer: ConsumerName): Promise<Consumer | undefined> {
    const [row] = await rowsNamed<ConsumerRow>(this.#client, this.#sql.getConsumer, textOfName(consumer));
    return row && consumerOf(row);
  }

  async listConsumers(options: ListOptions = {}): Promise<Page<Consumer>> {
    const { tags, ...page } = taggedPageRequest('listConsumers', options);
    if (!isStorable(...tags)) return { data: [] };
    const values = [page.start, json(tags), page.size + 1];
    const rows = await queryRows<ConsumerRow>(this.#client, this.#sql.listConsumers, values);
    return pageOfRows(rows, page, consumerOf);
  }

  async updateConsumer(consumer: ConsumerName, changes: Omit<NewConsumer, 'id'>): Promise<Consumer> {
    const current = await this.#existing('updateConsumer', consumer);
    createConsumerRecord('updateConsumer', changes, current);
    assertStorable('updateConsumer', { ...changes });
    const [row] = await namingDuplicates('updateConsumer', changes, () =>
      queryRows<ConsumerRow>(this.#client, this.#sql.updateConsumer, [current.id, ...consumerValues(changes)]),
    );
    if (row === undefined) throw noSuchConsumer('updateConsumer', textOfName(consumer));
    return consumerOf(row);
  }

  async deleteConsumer(consumer: ConsumerName): Promise<boolean> {
    return (await rowsNamed(this.#client, this.#sql.deleteConsumer, textOfName(consumer))).length > 0;
  }

  async createCredential({
    consumer,
    ...given
  }: NewCredential & { consumer: ConsumerName }): Promise<CreatedCredential> {
    const { id } = await this.#existing('createCredential', consumer);
    const write = { option: 'createCredential', consumerId: id, given, sql: this.#sql.createCredential };
    const written = await this.#write(write);
    if (written === undefined) throw noSuchConsumer('createCredential', textOfName(consumer));
    return written;
  }

  async listCredentials({
    consumer,
    ...options
  }: ListOptions & { consumer?: ConsumerName } = {}): Promise<Page<CredentialInfo>> {
    const owner = consumer === undefined ? null : (await this.#existing('listCredentials', consumer)).id;
    const { tags, ...page } = taggedPageRequest('listCredentials', options);
    if (!isStorable(...tags)) return { data: [] };
    const values = [page.start, json(tags), page.size + 1, owner];
    const rows = await queryRows<CredentialRow>(this.#client, this.#sql.listCredentials, values);
    return pageOfRows(rows, page, credentialInfoOf);
  }

  async rotateCredential(
    key: string,
    { grace, ...asked }: { grace?: number } & NewCredential = {},
  ): Promise<CreatedCredential> {
    const end = endOfGrace('rotateCredential', grace);
    const [row] = await rowsNamed<CredentialRow>(this.#client, this.#sql.getCredential, key);
    if (row === undefined) throw noSuchCredential('rotateCredential', key);
    const written = await this.#write({
      option: 'rotateCredential',
      consumerId: row.consumer_id,
      given: successorOf(credentialInfoOf(row), asked),
      sql: this.#sql.rotateCredential,
      others: [row.id, end],
    });
    if (written === undefined) throw noSuchCredential('rotateCredential', key);
    return written;
  }

  async revokeCredential(key: string): Promise<boolean> {
    return (await rowsNamed(this.#client, this.#sql.revokeCredential, key)).length > 0;
  }

  async #existing(option: string, consumer: ConsumerName): Promise<Consumer> {
    const found = await this.getConsumer(consumer);
    if (found === undefined) throw noSuchConsumer(option, textOfName(consumer));
    return found;
  }

  #write(write: CredentialWrite): Promise<CreatedCredential | undefined> {
    return writeCredential(this.#client, this.#sealing, write);
  }
}

/**
 * Keeps consumers in PostgreSQL, or a database with its protocol. Their secrets are sealed with AES-256-GCM, each bound
 * to its row; a row that was changed, or whose key is not configured, is an outage (503) and verifies no token. Only
 * the answers of `createCredential` and `rotateCredential` contain a secret.
 *
 * ```ts
 * const keyEncryption = { current: 'k1', keys: { k1: process.env.CONSUMER_KEK } };
 * const consumers = postgresConsumers({ client: new Pool(), keyEncryption });
 * await consumers.migrate();
 * app.use(consumerJwt({ consumers }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function postgresConsumers(options: PostgresConsumersOptions): PostgresConsumerStore {
  checkOptionNames('postgresConsumers', options, NAMES);
  assertImplements('postgresConsumers.client', options.client, ['query'], 'new Pool() of pg');
  if (options.schema !== undefined) assertSchemaName('postgresConsumers.schema', options.schema);
  return new PostgresConsumers(options);
}
