import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { InvalidTokenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { Algorithm } from './algorithms.js';
import { fetchText, HttpStatusError } from './fetch-json.js';
import type { JwkSetKey } from './jwk-set.js';
import type { KeySource, KeySourceHealth } from './key-source.js';
import { readPublicKey } from './public-key.js';
import { type Loaded, Refreshing } from './refreshing.js';
import type { RemoteKeyOptions } from './remote-keys.js';
import { configuredUrl } from './remote-url.js';
import { selectKeys } from './select-keys.js';
import { resolveAlgorithms } from './token-algorithms.js';
import type { VerificationKey } from './verification-key.js';

/** Options of {@link pemPerKidKeys}. */
export interface PemPerKidKeysOptions extends RemoteKeyOptions {
  /** URL of a PEM, with `{kid}` where the key id goes. */
  readonly url: string;
  /** What a key id looks like; anything else is refused without a fetch. Default: letters, digits, `-` and `_`. */
  readonly kidPattern?: RegExp | undefined;
  /** Takes plain http from other hosts than this machine. Default false. */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

const KID = /^[A-Za-z0-9_-]{1,128}$/;
/** A published key never changes; looking again now and then is for keys that were withdrawn. */
const FRESH = 3600;
const MAX_KEYS = 100;
const MAX_UNKNOWN = 1000;
/** Key ids never seen before that may be asked for within one cooldown: enough for rotations, too few for a flood. */
const MISSES_PER_COOLDOWN = 10;

interface PemRecord {
  readonly key: Refreshing<JwkSetKey | undefined>;
}

/** One key per document: known keys, absent ones, and how many strangers may still be asked for. */
class PemPerKidKeys implements KeySource {
  readonly source: string;
  readonly #options: PemPerKidKeysOptions;
  readonly #algorithms: readonly Algorithm[];
  readonly #listeners: readonly OnEvent[];
  readonly #cooldown: number;
  readonly #records = new LRUCache<string, PemRecord>({ max: MAX_KEYS, dispose: ({ key }) => key.close() });
  readonly #absent = new LRUCache<string, Moment>({ max: MAX_UNKNOWN });
  readonly #loading = new Map<string, PemRecord>();
  #window = new Moment();
  #misses = 0;
  #lastError: { readonly at: Date; readonly message: string } | undefined;
  #lastSuccess: Date | undefined;

  constructor(options: PemPerKidKeysOptions) {
    this.source = options.url;
    this.#options = options;
    this.#algorithms = resolveAlgorithms('algorithms', options.algorithms);
    this.#listeners = options.listeners ?? [];
    this.#cooldown = options.cooldown ?? 30;
  }

  async find(header: JoseHeader): Promise<readonly VerificationKey[]> {
    const policy = { algorithms: this.#algorithms, anonymousKeys: true };
    selectKeys([], header, policy);
    const { kid } = header;
    if (kid === undefined || !(this.#options.kidPattern ?? KID).test(kid)) throw new InvalidTokenError('key_not_found');
    const key = await this.#load(kid);
    const fitting = key === undefined ? [] : selectKeys([key], header, policy);
    if (fitting.length === 0) throw new InvalidTokenError('key_not_found');
    return fitting;
  }

  async #load(kid: string): Promise<JwkSetKey | undefined> {
    const known = this.#records.get(kid) ?? this.#loading.get(kid);
    if (known !== undefined) return known.key.get();
    const absent = this.#absent.get(kid);
    if (absent !== undefined && absent.age < this.#cooldown) return undefined;
    this.#assertMayAsk();
    const record = { key: this.#refreshing(kid) };
    this.#loading.set(kid, record);
    try {
      const key = await record.key.get();
      // Only what exists takes a place, so invented ids cannot push real keys out.
      if (key === undefined) this.#absent.set(kid, new Moment());
      else this.#records.set(kid, record);
      return key;
    } finally {
      this.#loading.delete(kid);
    }
  }

  /** @throws ServiceUnavailableError: whether this key exists cannot be told just now. */
  #assertMayAsk(): void {
    if (this.#window.age >= this.#cooldown) {
      this.#window = new Moment();
      this.#misses = 0;
    }
    this.#misses += 1;
    if (this.#misses > MISSES_PER_COOLDOWN) {
      throw new ServiceUnavailableError('keys_unavailable', { retryAfter: this.#cooldown - this.#window.age });
    }
  }

  #refreshing(kid: string): Refreshing<JwkSetKey | undefined> {
    const { source } = this;
    return new Refreshing({
      load: (signal) => this.#fetch(kid, signal),
      maxStale: this.#options.maxStale ?? 3600,
      cooldown: this.#cooldown,
      onLoaded: () => {
        this.#lastSuccess = new Date();
        emit(this.#listeners, { type: 'keys_loaded', source, keyCount: this.#records.size });
      },
      onFailed: ({ message }, servingStale) => {
        this.#lastError = { at: new Date(), message };
        emit(this.#listeners, { type: 'keys_failed', source, reason: message, servingStale });
      },
    });
  }

  async #fetch(kid: string, signal: AbortSignal): Promise<Loaded<JwkSetKey | undefined>> {
    const url = new URL(this.#options.url.replace('{kid}', encodeURIComponent(kid)));
    try {
      const { text } = await fetchText(url, { ca: this.#options.ca, signal });
      return { value: readPublicKey(text), freshFor: FRESH };
    } catch (error) {
      // Object stores answer 403 for what is not there.
      if (error instanceof HttpStatusError && [403, 404, 410].includes(error.status))
        return { value: undefined, freshFor: FRESH };
      throw error;
    }
  }

  /** Which keys there are is not known before a token names one. */
  async ready(): Promise<void> {}

  health(): KeySourceHealth {
    const { source } = this;
    return {
      source,
      keyCount: this.#records.size,
      ...(this.#lastSuccess === undefined ? {} : { lastSuccess: this.#lastSuccess }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  close(): void {
    this.#records.clear();
    this.#absent.clear();
  }
}

/**
 * Keys of products that publish one PEM per key id, such as AWS load balancers. The key id is checked before it
 * becomes part of a URL; keys that are there are cached, and so are ids that are not.
 * @throws ConfigurationError if the URL is not one that may be fetched, or has no `{kid}`.
 */
export function pemPerKidKeys(options: PemPerKidKeysOptions): KeySource {
  const { url, dangerouslyAllowHttp = false } = options;
  const { href } = configuredUrl('pemPerKid', url, dangerouslyAllowHttp);
  if (!/^https?:\/\/[^/]*\/.*\{kid\}/.test(decodeURIComponent(href))) {
    throw new ConfigurationError('pemPerKid', 'expects a URL with {kid} in its path');
  }
  return new PemPerKidKeys(options);
}
