import { ConfigurationError } from '../errors/configuration-error.js';
import { assertSeconds } from '../options/assertions.js';
import type { Consumer, ConsumerCredential, CreatedCredential, CredentialInfo } from './consumer.js';
import type { ListOptions, ManagedConsumerStore, NewConsumer, NewCredential, Page } from './consumer-store.js';
import { createConsumerRecord } from './new-consumer.js';
import { createStoredCredential, type StoredCredential } from './new-credential.js';
import { pageOf } from './page.js';

const DEFAULT_GRACE = 86_400;
const MAX_GRACE = 31_536_000;

/** Consumers as `memoryConsumers` takes them: each with the credentials it starts with. */
export interface ConsumerSeed extends NewConsumer {
  credentials?: readonly NewCredential[];
}

class MemoryConsumers implements ManagedConsumerStore {
  readonly #consumers = new Map<string, Consumer>();
  readonly #credentials = new Map<string, StoredCredential>();

  constructor(seeds: readonly ConsumerSeed[]) {
    for (const [index, { credentials = [], ...consumer }] of seeds.entries()) {
      const option = `memoryConsumers[${index}]`;
      const { id } = this.#addConsumer(option, consumer);
      for (const [at, credential] of credentials.entries())
        this.#addCredential(`${option}.credentials[${at}]`, id, credential);
    }
  }

  async findCredential(key: string): Promise<{ credential: ConsumerCredential; consumer: Consumer } | undefined> {
    const stored = this.#credentials.get(key);
    const consumer = stored && this.#consumers.get(stored.info.consumerId);
    return consumer && { credential: stored.credential, consumer };
  }

  async createConsumer(consumer: NewConsumer): Promise<Consumer> {
    return this.#addConsumer('createConsumer', consumer);
  }

  async getConsumer(consumer: string): Promise<Consumer | undefined> {
    return this.#consumers.get(consumer) ?? [...this.#consumers.values()].find(({ username }) => username === consumer);
  }

  async listConsumers(options: ListOptions = {}): Promise<Page<Consumer>> {
    return pageOf(this.#consumers.values(), options);
  }

  async updateConsumer(consumer: string, changes: Omit<NewConsumer, 'id'>): Promise<Consumer> {
    const current = await this.#existing('updateConsumer', consumer);
    const updated = createConsumerRecord('updateConsumer', changes, current);
    this.#assertNamesFree('updateConsumer', updated);
    this.#consumers.set(updated.id, updated);
    return updated;
  }

  async deleteConsumer(consumer: string): Promise<boolean> {
    const found = await this.getConsumer(consumer);
    if (found === undefined) return false;
    for (const [key, { info }] of this.#credentials) {
      if (info.consumerId === found.id) this.#credentials.delete(key);
    }
    return this.#consumers.delete(found.id);
  }

  async createCredential({
    consumer,
    ...credential
  }: NewCredential & { consumer: string }): Promise<CreatedCredential> {
    const { id } = await this.#existing('createCredential', consumer);
    return this.#addCredential('createCredential', id, credential);
  }

  async listCredentials({
    consumer,
    ...options
  }: ListOptions & { consumer?: string } = {}): Promise<Page<CredentialInfo>> {
    const owner = consumer === undefined ? undefined : await this.#existing('listCredentials', consumer);
    const infos = [...this.#credentials.values()].map(({ info }) => info);
    return pageOf(owner === undefined ? infos : infos.filter(({ consumerId }) => consumerId === owner.id), options);
  }

  async rotateCredential(
    key: string,
    { grace = DEFAULT_GRACE, ...successor }: { grace?: number } & NewCredential = {},
  ): Promise<CreatedCredential> {
    assertSeconds('rotateCredential.grace', grace, { min: 0, max: MAX_GRACE });
    const old = this.#credentials.get(key);
    if (old === undefined)
      throw new ConfigurationError('rotateCredential', `there is no credential with the key ${JSON.stringify(key)}`);
    const { algorithm, tags, consumerId } = old.info;
    const created = this.#addCredential('rotateCredential', consumerId, { algorithm, tags, ...successor });
    const end = new Date(
      Math.min(Date.now() + grace * 1000, old.info.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY),
    );
    this.#credentials.set(key, {
      credential: Object.freeze({ ...old.credential, expiresAt: end }),
      info: Object.freeze({ ...old.info, expiresAt: end }),
    });
    return created;
  }

  async revokeCredential(key: string): Promise<boolean> {
    return this.#credentials.delete(key);
  }

  async #existing(option: string, consumer: string): Promise<Consumer> {
    const found = await this.getConsumer(consumer);
    if (found === undefined) throw new ConfigurationError(option, `there is no consumer ${JSON.stringify(consumer)}`);
    return found;
  }

  #assertNamesFree(option: string, { id, username, customId }: Consumer): void {
    for (const other of this.#consumers.values()) {
      if (other.id === id) continue;
      if (username !== undefined && other.username === username) {
        throw new ConfigurationError(`${option}.username`, `${JSON.stringify(username)} is taken`);
      }
      if (customId !== undefined && other.customId === customId) {
        throw new ConfigurationError(`${option}.customId`, `${JSON.stringify(customId)} is taken`);
      }
    }
  }

  #addConsumer(option: string, given: NewConsumer): Consumer {
    const consumer = createConsumerRecord(option, given);
    if (this.#consumers.has(consumer.id))
      throw new ConfigurationError(`${option}.id`, `${JSON.stringify(consumer.id)} is taken`);
    this.#assertNamesFree(option, consumer);
    this.#consumers.set(consumer.id, consumer);
    return consumer;
  }

  #addCredential(option: string, consumerId: string, given: NewCredential): CreatedCredential {
    const { created, ...stored } = createStoredCredential(option, consumerId, given);
    if (this.#credentials.has(created.key)) {
      throw new ConfigurationError(`${option}.key`, `the key ${JSON.stringify(created.key)} is taken`);
    }
    this.#credentials.set(created.key, stored);
    return created;
  }
}

/**
 * Consumers in memory, for tests and small deployments. What it returns never shows a secret, except once:
 * when it creates a credential.
 *
 * ```ts
 * memoryConsumers([{ username: 'jsmith', credentials: [{ algorithm: 'HS256', key, secret }] }])
 * ```
 *
 * @throws ConfigurationError for a duplicate name or key (it names it), or a credential that could not verify a token.
 */
export function memoryConsumers(consumers: readonly ConsumerSeed[] = []): ManagedConsumerStore {
  if (!Array.isArray(consumers)) throw new ConfigurationError('memoryConsumers', 'expects an array of consumers');
  return new MemoryConsumers(consumers);
}
