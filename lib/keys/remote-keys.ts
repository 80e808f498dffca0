import { ConfigurationError } from '../errors/configuration-error.js';
import { unknownKey } from '../errors/token-refusals.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import { assertSeconds } from '../options/assertions.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { AsymmetricAlgorithm } from './algorithms.js';
import type { FetchedJson } from './fetch-json.js';
import { type InitialKeys, readInitialKeys } from './initial-keys.js';
import { type JwkSetKey, type KeySetFormat, readKeySet } from './jwk-set.js';
import type { KeyRequestOptions } from './key-request.js';
import type { KeySource, KeySourceHealth } from './key-source.js';
import { type Loaded, Refreshing } from './refreshing.js';
import { allowedAlgorithm, isNamed, type KeyPolicy, selectKeys, stillSelects } from './select-keys.js';
import { resolveAlgorithms } from './token-algorithms.js';
import type { VerificationKey } from './verification-key.js';

/** Options of every source that fetches its keys. */
export interface RemoteKeyOptions {
  /**
   * Signature algorithms that tokens may use; asymmetric ones only.
   * @default all that fit the keys
   */
  readonly algorithms?: readonly AsymmetricAlgorithm[] | undefined;
  /**
   * PEM certificates that replace the system's roots.
   * @default the system's roots
   */
  readonly ca?: string | undefined;
  /**
   * Seconds that the last good keys serve while the origin fails, 0 to 86400; 0 turns it off.
   * @default 3600
   */
  readonly maxStale?: number | undefined;
  /**
   * Least seconds between two fetches, 0 to 3600. A first load that failed is repeated after 1, 2, 4 … seconds.
   * @default 30
   */
  readonly cooldown?: number | undefined;
  /**
   * Headers, bearer file and proxy for the fetches.
   * @default none
   */
  readonly keyRequest?: KeyRequestOptions | undefined;
  /**
   * Functions that are told when keys were loaded, could not be loaded, or had to be dropped.
   * @default none
   */
  readonly listeners?: readonly OnEvent[] | undefined;
}

/** Options of every source that fetches a key set as a whole. */
export interface KeySetOptions extends RemoteKeyOptions {
  /**
   * Keys to begin with, such as a key set in a function's image. A token of one of them needs no
   * fetch, and they serve until the first fetch has succeeded, which a new `kid` or ten minutes of use bring
   * about.
   * @default none
   */
  readonly initialKeys?: InitialKeys | undefined;
  /**
   * How the key set is written.
   * @default 'jwks'
   */
  readonly keyFormat?: KeySetFormat | undefined;
}

export const REMOTE_OPTION_NAMES = ['algorithms', 'ca', 'maxStale', 'cooldown', 'keyRequest', 'listeners'] as const;
export const KEY_SET_OPTION_NAMES = [...REMOTE_OPTION_NAMES, 'initialKeys', 'keyFormat'] as const;

const DEFAULT_MAX_STALE = 3600;
const DEFAULT_COOLDOWN = 30;

/** Options that say how long keys serve while the origin fails, and how often it is asked; in seconds. */
export interface FetchPace {
  readonly maxStale: number;
  readonly cooldown: number;
}

/**
 * Checks {@link FetchPace} and completes it.
 *
 * @param prefix stands before the options' names in refusals.
 * @throws {ConfigurationError} when a number is out of bounds.
 */
export function resolvePace(
  prefix: string,
  { maxStale = DEFAULT_MAX_STALE, cooldown = DEFAULT_COOLDOWN }: Pick<RemoteKeyOptions, 'maxStale' | 'cooldown'>,
): FetchPace {
  assertSeconds(`${prefix}maxStale`, maxStale, { min: 0, max: 86_400 });
  assertSeconds(`${prefix}cooldown`, cooldown, { min: 0, max: 3600 });
  return { maxStale, cooldown };
}
const DEFAULT_FRESH = 600;
const MIN_FRESH = 60;
const MAX_FRESH = 86_400;

/** A source of keys out of a fetched key set, which is validated before it replaces the one in use. */
export class RemoteKeys implements KeySource {
  readonly source: string;
  readonly #policy: KeyPolicy;
  readonly #listeners: readonly OnEvent[];
  readonly #format: KeySetFormat;
  readonly #keys: Refreshing<readonly JwkSetKey[]>;

  constructor(source: string, options: KeySetOptions, fetchKeySet: (signal: AbortSignal) => Promise<FetchedJson>) {
    const { listeners = [] } = options;
    const { maxStale, cooldown } = resolvePace('', options);
    const { keyFormat = 'jwks', initialKeys } = options;
    if (keyFormat !== 'jwks' && keyFormat !== 'pem-map' && keyFormat !== 'any')
      throw new ConfigurationError('keyFormat', 'expects "jwks", "pem-map" or "any"');
    this.source = source;
    this.#policy = { algorithms: resolveAlgorithms('algorithms', options.algorithms), anonymousKeys: false };
    this.#listeners = listeners;
    this.#format = keyFormat;
    const initial = initialKeys === undefined ? undefined : readInitialKeys('initialKeys', initialKeys, keyFormat);
    this.#keys = new Refreshing({
      load: async (signal) => this.#read(await fetchKeySet(signal)),
      initial: initial && { value: initial, freshFor: DEFAULT_FRESH },
      maxStale,
      cooldown,
      onLoaded: (keys) => emit(this.#listeners, { type: 'keys_loaded', source, keyCount: keys.length }),
      onFailed: ({ message: reason }, servingStale) =>
        emit(this.#listeners, { type: 'keys_failed', source, reason, servingStale }),
    });
  }

  async find(header: JoseHeader, { afresh = false } = {}): Promise<readonly VerificationKey[]> {
    // Before anything is loaded: an algorithm that is not allowed costs no network.
    allowedAlgorithm(header, this.#policy);
    const known = afresh ? await this.#keys.getAfresh() : (this.#keys.fresh ?? (await this.#keys.get()));
    const fitting = selectKeys(known, header, this.#policy);
    if (fitting.length > 0) return fitting;
    if (afresh || (header.kid !== undefined && isNamed(known, header)))
      throw unknownKey(header, `The keys are those of ${this.source}.`);
    return this.find(header, { afresh: true });
  }

  holds(header: JoseHeader, key: VerificationKey): boolean {
    const known = this.#keys.fresh;
    return known !== undefined && stillSelects(known, header, key, this.#policy);
  }

  async ready(): Promise<void> {
    await this.#keys.get();
  }

  health(): KeySourceHealth {
    return { source: this.source, keyCount: this.#keys.current?.length ?? 0, ...this.#keys.health };
  }

  close(): void {
    this.#keys.close();
  }

  /** Reuses the object of a key that was there before, so that cached tokens find their key by identity. */
  #sameAsBefore(loaded: JwkSetKey): JwkSetKey {
    const before = this.#keys.current?.find(({ key }) => key.equals(loaded.key));
    return before === undefined ? loaded : { ...loaded, key: before.key };
  }

  /** Reads a fetched key set. Unusable members are dropped one by one; a set without a usable one is a failed load. */
  #read({ json, maxAge = DEFAULT_FRESH }: FetchedJson): Loaded<readonly JwkSetKey[]> {
    const { keys, dropped } = readKeySet(this.#format, json);
    for (const { kid, reason } of dropped) {
      emit(this.#listeners, {
        type: 'key_dropped',
        source: this.source,
        reason,
        ...(kid === undefined ? {} : { kid }),
      });
    }
    if (keys.length === 0) throw new Error('the key set holds no usable key');
    return {
      value: this.#keys.current === undefined ? keys : keys.map((key) => this.#sameAsBefore(key)),
      freshFor: Math.min(MAX_FRESH, Math.max(MIN_FRESH, maxAge)),
    };
  }
}
