import type { ConsumerCredential } from '../../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../../consumers/consumer-store.js';
import { type ConsumerSeed, memoryConsumers } from '../../../consumers/memory-consumers.js';
import type { SecretEncoding } from '../../../keys/secret-key.js';
import { carriedCredential } from '../carried-credential.js';
import type { Warnings } from '../warnings.js';
import type { JwtSecret } from './jwt-secret.js';
import type { KeyAuthCredential, KeyAuthKeys } from './key-auth-credential.js';
import type { KongConsumer } from './kong-consumers.js';

/** Credentials without a usable key, which Kong finds all the same; by key, with the id of their owner. */
type Keyless = Map<string, { readonly credential: ConsumerCredential; readonly owner: string }>;

/** Wraps a store so that it also finds credentials without a usable key, whose tokens then get Kong's answer. */
function withKeyless(store: ManagedConsumerStore, keyless: Keyless): ManagedConsumerStore {
  return {
    async findCredential(key) {
      const found = await store.findCredential(key);
      const { credential, owner } = keyless.get(key) ?? {};
      if (found !== undefined || credential === undefined || owner === undefined) return found;
      const consumer = await store.getConsumer(owner);
      return consumer && { credential, consumer };
    },
    revokeCredential: async (key) => keyless.delete(key) || store.revokeCredential(key),
    createConsumer: (consumer) => store.createConsumer(consumer),
    getConsumer: (consumer) => store.getConsumer(consumer),
    listConsumers: (options) => store.listConsumers(options),
    updateConsumer: (consumer, changes) => store.updateConsumer(consumer, changes),
    deleteConsumer: (consumer) => store.deleteConsumer(consumer),
    createCredential: (credential) => store.createCredential(credential),
    listCredentials: (options) => store.listCredentials(options),
    rotateCredential: (key, options) => store.rotateCredential(key, options),
  };
}

function keylessCredential({ key, algorithm, tags }: JwtSecret): ConsumerCredential | undefined {
  return key === undefined ? undefined : { key, algorithm, tags };
}

function seedOf({ id, username, customId, tags, groups }: KongConsumer): ConsumerSeed {
  return {
    ...(id === undefined ? {} : { id }),
    ...(username === undefined ? {} : { username }),
    ...(customId === undefined ? {} : { customId }),
    tags,
    groups: [...new Set(groups)],
  };
}

/** Consumers of a configuration, and their API keys. */
interface KongConsumerStore {
  readonly consumers: ManagedConsumerStore;
  readonly keys: KeyAuthKeys;
}

/** Fills a memory store with consumers and credentials. @param encoding how the texts of secrets stand for bytes. */
export async function kongConsumerStore(
  consumers: readonly KongConsumer[],
  encoding: SecretEncoding,
  warnings: Warnings,
): Promise<KongConsumerStore> {
  const store = memoryConsumers();
  const keys = new Map<string, KeyAuthCredential & { owner: string }>();
  const keyless: Keyless = new Map();
  for (const consumer of consumers) {
    const { id: owner } = await store.createConsumer(seedOf(consumer));
    for (const key of consumer.keys) keys.set(key.hash, { ...key, owner });
    for (const secret of consumer.secrets) {
      const carried = carriedCredential(secret, encoding, warnings);
      const credential = carried === undefined ? keylessCredential(secret) : undefined;
      if (carried !== undefined) await store.createCredential({ ...carried, consumer: owner });
      else if (credential !== undefined) keyless.set(credential.key, { credential, owner });
    }
  }
  return { consumers: keyless.size === 0 ? store : withKeyless(store, keyless), keys };
}
