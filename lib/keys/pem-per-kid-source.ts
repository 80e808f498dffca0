import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import { unknownKey } from '../errors/token-refusals.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { Algorithm } from './algorithms.js';
import { type FetchOptions, fetchText, HttpStatusError } from './fetch-json.js';
import type { JwkSetKey } from './jwk-set.js';
import type { KeySource, KeySourceHealth } from './key-source.js';
import { readPublicKey } from './public-key.js';
import { type Loaded, Refreshing } from './refreshing.js';
import { selectKeys } from './select-keys.js';
import { UnknownKidBudget } from './unknown-kid-budget.js';
import type { VerificationKey } from './verification-key.js';

/** Resolved {@link PemPerKidKeysOptions}: defaults applied, everything validated. */
export interface PemPerKidSettings extends Omit<FetchOptions, 'signal'> {
  readonly url: string;
  readonly kids: readonly string[];
  readonly isKid: (kid: string) => boolean;
  readonly algorithms: readonly Algorithm[];
  readonly maxStale: number;
  readonly cooldown: number;
  readonly listeners: readonly OnEvent[];
}

/** A published key never changes; it is fetched again now and then because it may be withdrawn. */
const FRESH = 3600;
const MAX_KEYS = 100;
const MAX_UNKNOWN = 1000;
/** Most key ids that a configuration may name. */
export const MAX_NAMED_KIDS = 100;

type PemRecord = Refreshing<JwkSetKey | undefined>;

/** A key id whose key is not there, or could not be read, and for how many seconds it is not asked for again. */
interface Miss {
  readonly since: Moment;
  readonly pause: number;
  /** Failed fetches in a row; 0 where the key is not there. */
  readonly failures: number;
  readonly outage?: unknown;
}

/** A source with one document per key id: named keys, keys that tokens have named, and ids without a key. */
export class PemPerKidSource implements KeySource {
  readonly source: string;
  readonly #settings: PemPerKidSettings;
  readonly #named: ReadonlyMap<string, PemRecord>;
  readonly #found = new LRUCache<string, PemRecord>({ max: MAX_KEYS, dispose: (record) => record.close() });
  readonly #missed = new LRUCache<string, Miss>({ max: MAX_UNKNOWN });
  readonly #asking = new Map<string, { record: PemRecord; answer: Promise<JwkSetKey | undefined> }>();
  readonly #budget: UnknownKidBudget;
  #lastError: { readonly at: Date; readonly message: string } | undefined;
  #lastSuccess: Moment | undefined;

  constructor(settings: PemPerKidSettings) {
    this.source = settings.url;
    this.#settings = settings;
    this.#budget = new UnknownKidBudget(settings.cooldown);
    this.#named = new Map(settings.kids.map((kid) => [kid, this.#refreshing(kid)]));
  }

  async find(header: JoseHeader): Promise<readonly VerificationKey[]> {
    const policy = { algorithms: this.#settings.algorithms, anonymousKeys: true };
    // Before anything is fetched: an algorithm that is not allowed costs no network.
    selectKeys([], header, policy);
    const { kid } = header;
    if (kid === undefined || !this.#settings.isKid(kid)) throw unknownKey(header);
    const key = await this.#load(kid);
    const fitting = key === undefined ? [] : selectKeys([key], header, policy);
    if (fitting.length === 0) throw unknownKey(header);
    return fitting;
  }

  async #load(kid: string): Promise<JwkSetKey | undefined> {
    const known = this.#named.get(kid) ?? this.#found.get(kid);
    if (known !== undefined) return known.get();
    const missed = this.#missed.get(kid);
    const wait = missed === undefined ? 0 : missed.pause - missed.since.age;
    if (missed === undefined || wait <= 0) return this.#askOnce(kid);
    if (missed.failures === 0) return undefined;
    throw new ServiceUnavailableError('keys_unavailable', { cause: missed.outage, retryAfter: wait });
  }

  #askOnce(kid: string): Promise<JwkSetKey | undefined> {
    const underWay = this.#asking.get(kid);
    if (underWay !== undefined) return underWay.answer;
    this.#budget.spend(kid);
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
      this.#budget.settle(kid);
      if (key !== undefined) this.#found.set(kid, record);
      else this.#missed.set(kid, { since, pause: this.#settings.cooldown, failures: 0 });
      return key;
    } catch (thrown) {
      const outage = thrown instanceof ServiceUnavailableError ? thrown.cause : thrown;
      const failures = (this.#missed.get(kid)?.failures ?? 0) + 1;
      const pause = Math.min(this.#settings.cooldown, 2 ** (failures - 1));
      this.#missed.set(kid, { since: new Moment(), pause, failures, outage });
      throw new ServiceUnavailableError('keys_unavailable', { cause: outage, retryAfter: pause });
    } finally {
      if (!this.#found.has(kid)) record.close();
    }
  }

  #refreshing(kid: string): PemRecord {
    const { source } = this;
    const { maxStale, cooldown, listeners } = this.#settings;
    return new Refreshing({
      load: (signal) => this.#fetch(kid, signal),
      maxStale,
      cooldown,
      onLoaded: (key) => {
        if (key === undefined) return;
        this.#lastSuccess = new Moment();
        emit(listeners, { type: 'keys_loaded', source, keyCount: this.#loadedKids().add(kid).size });
      },
      onFailed: ({ message }, servingStale) => {
        this.#lastError = { at: new Date(), message };
        emit(listeners, { type: 'keys_failed', source, reason: message, servingStale });
      },
    });
  }

  #loadedKids(): Set<string> {
    const named = [...this.#named].filter(([, record]) => record.current !== undefined);
    return new Set([...this.#found.keys(), ...named.map(([kid]) => kid)]);
  }

  /** Object stores answer 403 for what is not there; for a key that was there it says nothing. */
  #isAbsent(kid: string, error: unknown): boolean {
    if (!(error instanceof HttpStatusError)) return false;
    return error.status === 403 ? !this.#loadedKids().has(kid) : [404, 410].includes(error.status);
  }

  async #fetch(kid: string, signal: AbortSignal): Promise<Loaded<JwkSetKey | undefined>> {
    const { ca, keyRequest, cooldown } = this.#settings;
    const url = new URL(this.source.replaceAll('{kid}', encodeURIComponent(kid)));
    try {
      const { text } = await fetchText(url, { ca, keyRequest, signal });
      return { value: readPublicKey(text), freshFor: FRESH };
    } catch (error) {
      if (this.#isAbsent(kid, error)) return { value: undefined, freshFor: cooldown };
      throw error;
    }
  }

  /** Loads the named keys. Which others there are is not known before a token names one. */
  async ready(): Promise<void> {
    const loads = [...this.#named].map(async ([kid, record]) => {
      if ((await record.get()) !== undefined) return;
      const cause = new Error(`there is no key ${JSON.stringify(kid)} at ${this.source}`);
      throw new ServiceUnavailableError('keys_unavailable', { cause, retryAfter: this.#settings.cooldown });
    });
    await Promise.all(loads);
  }

  health(): KeySourceHealth {
    return {
      source: this.source,
      keyCount: this.#loadedKids().size,
      ...(this.#lastSuccess === undefined ? {} : { lastSuccess: this.#lastSuccess.at, age: this.#lastSuccess.age }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  close(): void {
    for (const record of this.#named.values()) record.close();
    for (const { record } of this.#asking.values()) record.close();
    this.#found.clear();
    this.#missed.clear();
  }
}
