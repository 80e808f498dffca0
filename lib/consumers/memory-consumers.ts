import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { described } from '../options/described.js';
import { namesOf } from '../options/option-names.js';
import type { Consumer, ConsumerCredential, CreatedCredential, CredentialInfo } from './consumer.js';
import {
  type ConsumerName,
  type ListOptions,
  type ManagedConsumerStore,
  type NewConsumer,
  type NewCredential,
  type Page,
  textOfName,
} from './consumer-store.js';
import { createConsumerRecord, NEW_CONSUMER_NAMES } from './new-consumer.js';
import { createStoredCredential, type StoredCredential } from './new-credential.js';
import { type Numbered, pageOf } from './page.js';
import { noSuchConsumer, noSuchCredential, taken } from './refusals.js';
import { earlier, endOfGrace, successorOf } from './rotation.js';

/** A consumer and its credentials, with which {@link memoryConsumers} starts. */
export interface ConsumerSeed extends NewConsumer {
  /**
   * Credentials of the consumer.
   * @default []
   */
  credentials?: readonly NewCredential[] | undefined;
}

const SEED_FIELDS = namesOf<ConsumerSeed>()({ credentials: true }, NEW_CONSUMER_NAMES);

function endingAt({ credential, info }: StoredCredential, end: Date): StoredCredential {
  const expiresAt = earlier(end, info.expiresAt);
  return {
    credential: Object.freeze({ ...credential, expiresAt: new Date(expiresAt) }),
    info: Object.freeze({ ...info, expiresAt: new Date(expiresAt) }),
  };
}

class MemoryConsumers implements ManagedConsumerStore {
  readonly #consumers = new Map<string, Numbered<Consumer>>();
  readonly #credentials = new Map<string, Numbered<StoredCredential>>();
  #created = 0;

  constructor(seeds: readonly ConsumerSeed[]) {
    for (const [index, seed] of seeds.entries()) {
      const option = `memoryConsumers[${index}]`;
      checkOptionNames(option, seed, SEED_FIELDS);
      const { credentials = [], ...consumer } = seed;
      if (!Array.isArray(credentials))
        throw new ConfigurationError(
          `${option}.credentials`,
          `expects an array, [{ key, secret }], and this is ${described(credentials)}`,
        );
      const { id } = this.#addConsumer(option, consumer);
      for (const [at, credential] of credentials.entries())
        this.#addCredential(`${option}.credentials[${at}]`, id, credential);
    }
  }

  async findCredential(key: string): Promise<{ credential: ConsumerCredential; consumer: Consumer } | undefined> {
    const [, stored] = this.#credentials.get(key) ?? [];
    const [, consumer] = (stored && this.#consumers.get(stored.info.consumerId)) ?? [];
    return stored && consumer && { credential: stored.credential, consumer };
  }

  async createConsumer(consumer: NewConsumer): Promise<Consumer> {
    return this.#addConsumer('createConsumer', consumer);
  }

  async getConsumer(consumer: ConsumerName): Promise<Consumer | undefined> {
    return this.#find(consumer)?.[1];
  }

  async listConsumers(options: ListOptions = {}): Promise<Page<Consumer>> {
    return pageOf('listConsumers', [...this.#consumers.values()], options);
  }

  async updateConsumer(consumer: ConsumerName, changes: Omit<NewConsumer, 'id'>): Promise<Consumer> {
    const [number, current] = this.#existing('updateConsumer', consumer);
    const updated = createConsumerRecord('updateConsumer', changes, current);
    this.#assertNamesFree('updateConsumer', updated);
    this.#consumers.set(updated.id, [number, updated]);
    return updated;
  }

  async deleteConsumer(consumer: ConsumerName): Promise<boolean> {
    const [, found] = this.#find(consumer) ?? [];
    if (found === undefined) return false;
    for (const [key, [, { info }]] of this.#credentials) {
      if (info.consumerId === found.id) this.#credentials.delete(key);
    }
    return this.#consumers.delete(found.id);
  }

  async createCredential({
    consumer,
    ...credential
  }: NewCredential & { consumer: ConsumerName }): Promise<CreatedCredential> {
    const [, { id }] = this.#existing('createCredential', consumer);
    return this.#addCredential('createCredential', id, credential);
  }

  async listCredentials({
    consumer,
    ...options
  }: ListOptions & { consumer?: ConsumerName } = {}): Promise<Page<CredentialInfo>> {
    const owner = consumer === undefined ? undefined : this.#existing('listCredentials', consumer)[1].id;
    const infos = [...this.#credentials.values()].map(([number, { info }]): Numbered<CredentialInfo> => [number, info]);
    const wanted = infos.filter(([, { consumerId }]) => owner === undefined || consumerId === owner);
    return pageOf('listCredentials', wanted, options);
  }

  async rotateCredential(
    key: string,
    { grace, ...asked }: { grace?: number } & NewCredential = {},
  ): Promise<CreatedCredential> {
    const end = endOfGrace('rotateCredential', grace);
    const [number, old] = this.#credentials.get(key) ?? [];
    if (number === undefined || old === undefined) throw noSuchCredential('rotateCredential', key);
    const created = this.#addCredential('rotateCredential', old.info.consumerId, successorOf(old.info, asked));
    this.#credentials.set(key, [number, endingAt(old, end)]);
    return created;
  }

  async revokeCredential(key: string): Promise<boolean> {
    return this.#credentials.delete(key);
  }

  #find(consumer: ConsumerName): Numbered<Consumer> | undefined {
    const name = textOfName(consumer);
    const named = ([, { username }]: Numbered<Consumer>) => username !== undefined && username === name;
    return this.#consumers.get(name) ?? [...this.#consumers.values()].find(named);
  }

  #existing(option: string, consumer: ConsumerName): Numbered<Consumer> {
    const found = this.#find(consumer);
    if (found === undefined) throw noSuchConsumer(option, textOfName(consumer));
    return found;
  }

  #assertNamesFree(option: string, { id, username, customId }: Consumer): void {
    for (const [, other] of this.#consumers.values()) {
      if (other.id === id) continue;
      if (username !== undefined && other.username === username) throw taken(option, 'username', username);
      if (customId !== undefined && other.customId === customId) throw taken(option, 'customId', customId);
    }
  }

  #addConsumer(option: string, given: NewConsumer): Consumer {
    const consumer = createConsumerRecord(option, given);
    if (this.#consumers.has(consumer.id)) throw taken(option, 'id', consumer.id);
    this.#assertNamesFree(option, consumer);
    this.#consumers.set(consumer.id, [this.#created++, consumer]);
    return consumer;
  }

  #addCredential(option: string, consumerId: string, given: NewCredential): CreatedCredential {
    const { created, credential, info } = createStoredCredential(option, consumerId, given);
    if (this.#credentials.has(created.key)) throw taken(option, 'key', created.key);
    if (given.id !== undefined && [...this.#credentials.values()].some(([, other]) => other.info.id === given.id)) {
      throw taken(option, 'id', given.id);
    }
    this.#credentials.set(created.key, [this.#created++, { credential, info }]);
    return created;
  }
}

/**
 * Keeps consumers and their credentials in memory, for tests and small deployments. Only the answers of
 * `createCredential` and `rotateCredential` contain a secret.
 *
 * ```ts
 * memoryConsumers([{ username: 'jsmith', credentials: [{ algorithm: 'HS256', key, secret }] }])
 * ```
 *
 * @throws {ConfigurationError} when a name or key stands there twice (the message names it), or a credential could not
 * verify a token.
 */
export function memoryConsumers(consumers: readonly ConsumerSeed[] = []): ManagedConsumerStore {
  if (!Array.isArray(consumers))
    throw new ConfigurationError(
      'memoryConsumers',
      `expects an array of consumers, [{ username, credentials }], and this is ${described(consumers)}`,
    );
  return new MemoryConsumers(consumers);
}
