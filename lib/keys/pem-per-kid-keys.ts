import { types } from 'node:util';
import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { InvalidTokenError, ServiceUnavailableError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import { assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { Algorithm } from './algorithms.js';
import { fetchText, HttpStatusError } from './fetch-json.js';
import type { JwkSetKey } from './jwk-set.js';
import type { KeySource, KeySourceHealth } from './key-source.js';
import { readPublicKey } from './public-key.js';
import { type Loaded, Refreshing } from './refreshing.js';
import { REMOTE_OPTION_NAMES, type RemoteKeyOptions } from './remote-keys.js';
import { configuredUrl } from './remote-url.js';
import { selectKeys } from './select-keys.js';
import { StrangerBudget } from './stranger-budget.js';
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
/** What a URL takes for the folder itself or the one above, however it is encoded. */
const DOTS = /^\.{1,2}$/;
/** A published key never changes; looking again now and then is for keys that were withdrawn. */
const FRESH = 3600;
const MAX_KEYS = 100;
const MAX_UNKNOWN = 1000;

type PemRecord = Refreshing<JwkSetKey | undefined>;

/** When a key was last asked for that is not there, or that could not be read. */
interface Miss {
  readonly since: Moment;
  readonly outage?: unknown;
}

/** One key per document: known keys, absent ones, and how many strangers may still be asked for. */
class PemPerKidKeys implements KeySource {
  readonly source: string;
  readonly #options: PemPerKidKeysOptions;
  readonly #algorithms: readonly Algorithm[];
  readonly #listeners: readonly OnEvent[];
  readonly #cooldown: number;
  readonly #kidPattern: RegExp;
  readonly #records = new LRUCache<string, PemRecord>({ max: MAX_KEYS, dispose: (record) => record.close() });
  readonly #missed = new LRUCache<string, Miss>({ max: MAX_UNKNOWN });
  readonly #asking = new Map<string, { record: PemRecord; answer: Promise<JwkSetKey | undefined> }>();
  readonly #budget: StrangerBudget;
  #lastError: { readonly at: Date; readonly message: string } | undefined;
  #lastSuccess: Moment | undefined;

  constructor(options: PemPerKidKeysOptions) {
    this.source = options.url;
    this.#options = options;
    this.#algorithms = resolveAlgorithms('algorithms', options.algorithms);
    this.#listeners = options.listeners ?? [];
    this.#cooldown = options.cooldown ?? 30;
    this.#budget = new StrangerBudget(this.#cooldown);
    const { source, flags } = options.kidPattern ?? KID;
    // Without the flags that make a pattern remember where it stopped.
    this.#kidPattern = new RegExp(source, flags.replace(/[gy]/g, ''));
  }

  async find(header: JoseHeader): Promise<readonly VerificationKey[]> {
    const policy = { algorithms: this.#algorithms, anonymousKeys: true };
    selectKeys([], header, policy);
    const { kid } = header;
    if (kid === undefined || DOTS.test(kid) || !this.#kidPattern.test(kid))
      throw new InvalidTokenError('key_not_found');
    const key = await this.#load(kid);
    const fitting = key === undefined ? [] : selectKeys([key], header, policy);
    if (fitting.length === 0) throw new InvalidTokenError('key_not_found');
    return fitting;
  }

  async #load(kid: string): Promise<JwkSetKey | undefined> {
    const known = this.#records.get(kid);
    if (known !== undefined) return known.get();
    const missed = this.#missed.get(kid);
    if (missed === undefined || missed.since.age >= this.#cooldown) return this.#askOnce(kid);
    if (missed.outage === undefined) return undefined;
    const retryAfter = this.#cooldown - missed.since.age;
    throw new ServiceUnavailableError('keys_unavailable', { cause: missed.outage, retryAfter });
  }

  #askOnce(kid: string): Promise<JwkSetKey | undefined> {
    const underWay = this.#asking.get(kid);
    if (underWay !== undefined) return underWay.answer;
    this.#budget.spend();
    const record = this.#refreshing(kid);
    const answer = this.#ask(kid, record).finally(() => this.#asking.delete(kid));
    this.#asking.set(kid, { record, answer });
    return answer;
  }

  /** Asks for the first time. Only what exists takes a place, so invented ids cannot push real keys out. */
  async #ask(kid: string, record: PemRecord): Promise<JwkSetKey | undefined> {
    const since = new Moment();
    try {
      const key = await record.get();
      if (key !== undefined) this.#records.set(kid, record);
      else this.#missed.set(kid, { since });
      return key;
    } catch (outage) {
      this.#missed.set(kid, { since, outage });
      throw outage;
    } finally {
      if (!this.#records.has(kid)) record.close();
    }
  }

  #refreshing(kid: string): PemRecord {
    const { source } = this;
    return new Refreshing({
      load: (signal) => this.#fetch(kid, signal),
      maxStale: this.#options.maxStale ?? 3600,
      cooldown: this.#cooldown,
      onLoaded: (key) => {
        if (key === undefined) return;
        this.#lastSuccess = new Moment();
        const keyCount = new Set([...this.#records.keys(), kid]).size;
        emit(this.#listeners, { type: 'keys_loaded', source, keyCount });
      },
      onFailed: ({ message }, servingStale) => {
        this.#lastError = { at: new Date(), message };
        emit(this.#listeners, { type: 'keys_failed', source, reason: message, servingStale });
      },
    });
  }

  /** Object stores answer 403 for what is not there; for a key that was there it says nothing. */
  #isAbsent(kid: string, error: unknown): boolean {
    if (!(error instanceof HttpStatusError)) return false;
    return error.status === 403 ? !this.#records.has(kid) : [404, 410].includes(error.status);
  }

  async #fetch(kid: string, signal: AbortSignal): Promise<Loaded<JwkSetKey | undefined>> {
    const url = new URL(this.#options.url.replaceAll('{kid}', encodeURIComponent(kid)));
    try {
      const { text } = await fetchText(url, { ca: this.#options.ca, signal });
      return { value: readPublicKey(text), freshFor: FRESH };
    } catch (error) {
      if (this.#isAbsent(kid, error)) return { value: undefined, freshFor: FRESH };
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
      ...(this.#lastSuccess === undefined ? {} : { lastSuccess: this.#lastSuccess.at, age: this.#lastSuccess.age }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  close(): void {
    for (const { record } of this.#asking.values()) record.close();
    this.#records.clear();
    this.#missed.clear();
  }
}

/**
 * Keys of products that publish one PEM per key id, such as AWS load balancers. The key id is checked before it
 * becomes part of a URL; keys that are there are cached, and so are ids that are not.
 * @throws ConfigurationError if the URL is not one that may be fetched, or has no `{kid}`.
 */
export function pemPerKidKeys(options: PemPerKidKeysOptions): KeySource {
  checkOptionNames('pemPerKidKeys', options, ['url', 'kidPattern', 'dangerouslyAllowHttp', ...REMOTE_OPTION_NAMES]);
  const { url, kidPattern, dangerouslyAllowHttp = false, maxStale = 0, cooldown = 0 } = options;
  const { pathname } = configuredUrl('pemPerKid', url, dangerouslyAllowHttp);
  if (!pathname.includes(encodeURI('{kid}'))) {
    throw new ConfigurationError('pemPerKid', 'expects a URL with {kid} in its path');
  }
  if (kidPattern !== undefined && !types.isRegExp(kidPattern)) {
    throw new ConfigurationError('pemPerKid.kidPattern', 'expects a regular expression');
  }
  assertSeconds('maxStale', maxStale, { min: 0, max: 86_400 });
  assertSeconds('cooldown', cooldown, { min: 0, max: 3600 });
  return new PemPerKidKeys(options);
}
