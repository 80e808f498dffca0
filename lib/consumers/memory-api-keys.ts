import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { described } from '../options/described.js';
import { namesOf } from '../options/option-names.js';
import type { ApiKey, ApiKeyInfo, CreatedApiKey } from './api-key.js';
import { apiKeyId, assertPrefix, DEFAULT_PREFIX, matchesHash, readApiKey } from './api-key-format.js';
import type { ManagedApiKeyStore, NewApiKey } from './api-key-store.js';
import type { ListOptions, Page } from './consumer-store.js';
import {
  createApiKey,
  createApiKeyRecord,
  NEW_API_KEY_NAMES,
  type StoredApiKey,
  shownApiKey,
  successorOfApiKey,
} from './new-api-key.js';
import { API_KEY_LIST_NAMES, cutPage, type Numbered, pageRequest } from './page.js';
import { taken } from './refusals.js';
import { earlier, endOfGrace } from './rotation.js';

/** An existing API key and its record, with which {@link memoryApiKeys} starts. */
export interface ApiKeySeed extends NewApiKey {
  /** A key that an API key store has generated before. */
  key: string;
}

/** Options of {@link memoryApiKeys}. */
export interface MemoryApiKeysOptions {
  /**
   * First part of every key: letters and digits, with single underscores between them, at most 32 characters.
   * @default 'sp'
   */
  prefix?: string | undefined;
}

class MemoryApiKeys implements ManagedApiKeyStore {
  readonly #prefix: string;
  readonly #keys = new Map<string, Numbered<StoredApiKey>>();
  #created = 0;

  constructor(seeds: readonly ApiKeySeed[], prefix: string) {
    this.#prefix = prefix;
    for (const [index, seed] of seeds.entries()) this.#addSeed(`memoryApiKeys[${index}]`, seed);
  }

  async findApiKey(key: string): Promise<ApiKey | undefined> {
    const id = apiKeyId(key, this.#prefix);
    if (id === undefined) return undefined;
    const [, stored] = this.#keys.get(id) ?? [];
    return matchesHash(key, stored?.hash) && stored !== undefined ? shownApiKey(stored.info) : undefined;
  }

  recognises(key: string): boolean {
    return apiKeyId(key, this.#prefix) !== undefined;
  }

  async create(given: NewApiKey): Promise<CreatedApiKey> {
    const { created, ...stored } = createApiKey('create', given, this.#prefix);
    return this.#add(stored, created);
  }

  async list(options: Pick<ListOptions, 'size' | 'after'> & { owner?: string } = {}): Promise<Page<ApiKeyInfo>> {
    checkOptionNames('list', options, API_KEY_LIST_NAMES);
    const page = pageRequest('list', options);
    const { owner } = options;
    const infos = [...this.#keys.values()].map(
      ([number, { info }]): Numbered<ApiKeyInfo> => [number, shownApiKey(info)],
    );
    return cutPage(
      infos.filter(([, info]) => owner === undefined || info.owner === owner),
      page,
    );
  }

  async revoke(id: string): Promise<boolean> {
    return this.#change(id, (info) => ({ ...info, enabled: false }));
  }

  async rotate(id: string, { grace, expiresAt }: { grace?: number; expiresAt?: Date } = {}): Promise<CreatedApiKey> {
    const end = endOfGrace('rotate', grace);
    const [, old] = this.#keys.get(id) ?? [];
    const successor = successorOfApiKey('rotate', id, old?.info, expiresAt);
    const { created, ...stored } = createApiKey('rotate', successor, this.#prefix);
    this.#change(id, (info) => ({ ...info, expiresAt: earlier(end, info.expiresAt) }));
    return this.#add(stored, created);
  }

  #add(stored: StoredApiKey, created: CreatedApiKey): CreatedApiKey {
    this.#keys.set(created.id, [this.#created++, stored]);
    return created;
  }

  #change(id: string, changed: (info: ApiKeyInfo) => ApiKeyInfo): boolean {
    const [number, stored] = this.#keys.get(id) ?? [];
    if (number === undefined || stored === undefined) return false;
    this.#keys.set(id, [number, { ...stored, info: Object.freeze(changed(stored.info)) }]);
    return true;
  }

  #addSeed(option: string, seed: ApiKeySeed): void {
    checkOptionNames(option, seed, namesOf<ApiKeySeed>()({ key: true }, NEW_API_KEY_NAMES));
    const { key, ...given } = seed;
    assertNonEmptyString(`${option}.key`, key);
    const read = readApiKey(key);
    if (read?.prefix !== this.#prefix) {
      throw new ConfigurationError(`${option}.key`, `is no API key with the prefix "${this.#prefix}" and a checksum`);
    }
    if (this.#keys.has(read.id)) throw taken(option, 'key', read.id);
    const { created, ...stored } = createApiKeyRecord(option, given, { ...read, key });
    this.#add(stored, created);
  }
}

/**
 * Keeps API keys in memory, for tests and small deployments. It stores a hash of each key; only the answers of
 * `create` and `rotate` contain the key itself. `keys` are keys that a store has generated before.
 *
 * ```ts
 * const keys = memoryApiKeys();
 * const { key } = await keys.create({ owner: 'build-server', scopes: ['things:read'] });
 * app.use(apiKey({ keys }));
 * ```
 *
 * @throws {ConfigurationError} when a key has another form or prefix, or stands in the list twice (the message names
 * its id).
 */
export function memoryApiKeys(
  keys: readonly ApiKeySeed[] = [],
  options: MemoryApiKeysOptions = {},
): ManagedApiKeyStore {
  if (!Array.isArray(keys))
    throw new ConfigurationError('memoryApiKeys', `expects an array of API keys, and this is ${described(keys)}`);
  checkOptionNames('memoryApiKeys', options, namesOf<MemoryApiKeysOptions>()({ prefix: true }));
  const { prefix = DEFAULT_PREFIX } = options;
  assertPrefix('memoryApiKeys.prefix', prefix);
  return new MemoryApiKeys(keys, prefix);
}
