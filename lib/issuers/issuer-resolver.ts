import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { applicationFault } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import { assertNotUndefined } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { Vouching } from '../users/store-reach.js';
import { type Ingredients, ingredients } from './answer-ingredients.js';
import {
  ISSUER_DECISIONS,
  ISSUER_OPTION_NAMES,
  type IssuerOptions,
  type IssuerRecord,
  resolveIssuer,
} from './issuer-record.js';
import { UnseenIssuers } from './unseen-issuers.js';

/** Function that returns the options of an issuer, or `undefined` if it is unknown. An exception is an outage: 503. */
export type IssuersResolver = (issuer: string) => IssuerOptions | undefined | Promise<IssuerOptions | undefined>;

/** Issuer records of a method. */
export interface IssuerRecords {
  /** Record of the only issuer, where the configuration names one. */
  readonly only?: IssuerRecord;
  /**
   * Finds the record that verifies tokens of an issuer; `undefined`: the issuer is unknown.
   * @param issuer `iss` of the token; `undefined` where it has none.
   */
  find(issuer: string | undefined): IssuerRecord | undefined | Promise<IssuerRecord | undefined>;
  /** Marks the answer about an issuer as outdated, so that the application is asked again. */
  forget?(issuer: string): void;
  /** Lists every record in use. */
  all(): readonly IssuerRecord[];
  close(): void;
}

/**
 * Returns the issuers whose statements on e-mail addresses reach users: `'many'` for tenants, which other parties run.
 * An issuer with several names counts under its first one.
 */
export function vouchingOf({ only }: IssuerRecords): Vouching {
  return only?.identity === undefined ? 'many' : new Set([only.identity]);
}

interface Entry {
  /** Options that the record was made from. */
  readonly made: Ingredients | undefined;
  readonly record: IssuerRecord | undefined;
  readonly since: Moment;
  /** Whether the application is asked again before the record is used. */
  readonly isForgotten?: true;
}

/** Most tenants cached at once; keys of further ones are loaded again. */
const MAX_KNOWN = 1_000;
/** Most unknown issuers cached. They have a cache of their own, so that invented issuers cannot push out tenants. */
const MAX_UNKNOWN = 1_000;
/** Seconds for which an answer of the resolver is cached, so that a removed tenant is refused soon. */
const ANSWER_TTL = 60;

/** Makes the records of a method with one issuer. */
export function singleIssuer(record: IssuerRecord): IssuerRecords {
  return {
    only: record,
    find: (issuer) => {
      const isOurs = issuer === undefined ? record.isNameless : record.issuers.has(issuer);
      return isOurs ? record : undefined;
    },
    all: () => [record],
    close: () => record.keys.close(),
  };
}

/** Longest issuer in characters that is looked up; longer ones are invented, and would only fill the caches. */
const MAX_ISSUER_LENGTH = 2_048;

/** Issuer records of many tenants: asks the application, and caches its answers, within bounds. */
export class ResolvedIssuers implements IssuerRecords {
  readonly #option: string;
  readonly #ask: IssuersResolver;
  readonly #make: (options: IssuerOptions) => IssuerRecord;
  readonly #known = new LRUCache<string, Entry>({ max: MAX_KNOWN, dispose: ({ record }) => record?.keys.close() });
  readonly #unknown = new LRUCache<string, Entry>({ max: MAX_UNKNOWN });
  readonly #unseen = new UnseenIssuers();
  readonly #asking = new Map<string, Promise<Entry>>();
  #forgotten = 0;

  constructor(factory: string, ask: IssuersResolver, listeners: readonly OnEvent[]) {
    this.#option = `${factory}.issuers`;
    this.#ask = ask;
    this.#make = (options) => {
      checkOptionNames(`${factory}.issuers`, options, ISSUER_OPTION_NAMES);
      assertNotUndefined(`${factory}.issuers`, options, ISSUER_DECISIONS);
      return resolveIssuer(`${factory}.issuers`, options, listeners);
    };
  }

  async find(issuer: string | undefined): Promise<IssuerRecord | undefined> {
    if (issuer === undefined || issuer === '' || issuer.length > MAX_ISSUER_LENGTH) return undefined;
    const entry = this.#known.get(issuer) ?? this.#unknown.get(issuer);
    if (entry !== undefined && entry.isForgotten !== true && entry.since.age < ANSWER_TTL) return entry.record;
    const flight = this.#asking.get(issuer) ?? this.#askOnce(issuer);
    return (await flight).record;
  }

  forget(issuer: string): void {
    this.#forgotten += 1;
    this.#unknown.delete(issuer);
    // The keys are kept in case the answer is unchanged.
    for (const [name, entry] of [...this.#known.entries()])
      if (name === issuer || entry.record?.names.has(issuer) === true)
        this.#known.set(name, { ...entry, isForgotten: true }, { noDisposeOnSet: true });
  }

  all(): readonly IssuerRecord[] {
    return [...this.#known.values()].flatMap(({ record }) => record ?? []);
  }

  close(): void {
    this.#known.clear();
    this.#unknown.clear();
  }

  #askOnce(issuer: string): Promise<Entry> {
    const flight = this.#answer(issuer).finally(() => this.#asking.delete(issuer));
    this.#asking.set(issuer, flight);
    return flight;
  }

  async #answer(issuer: string): Promise<Entry> {
    const before = this.#forgotten;
    const options = await this.#unseen.ask(
      issuer,
      () => this.#askSafely(issuer),
      (answer) => answer !== undefined,
    );
    // An answer from before the issuer was marked is outdated.
    if (before !== this.#forgotten) return this.#answer(issuer);
    const since = new Moment();
    if (options === undefined) {
      const entry = { made: undefined, record: undefined, since };
      this.#known.delete(issuer);
      this.#unknown.set(issuer, entry);
      return entry;
    }
    const made = ingredients(options);
    // The record is looked up again, because the cache may have closed it while the application was asked.
    const known = this.#known.peek(issuer);
    const isSame = known?.made?.text === made.text && known.made.keys === made.keys;
    const kept = isSame ? known.record : undefined;
    const entry = { made, record: kept ?? this.#makeFor(issuer, options), since };
    // The keys belong to the record; only an entry with another record closes them.
    this.#known.set(issuer, entry, { noDisposeOnSet: kept !== undefined });
    this.#unknown.delete(issuer);
    return entry;
  }

  async #askSafely(issuer: string): Promise<IssuerOptions | undefined> {
    try {
      return (await this.#ask(issuer)) ?? undefined;
    } catch (thrown) {
      throw applicationFault(this.#option, this, thrown);
    }
  }

  /** Makes the record of a tenant. Wrong options are the application's fault, so they are a 503. */
  #makeFor(issuer: string, options: IssuerOptions): IssuerRecord {
    try {
      const record = this.#make(options);
      if (!record.issuers.has(issuer))
        throw new ConfigurationError('issuers', 'answered with the options of another issuer');
      return record;
    } catch (thrown) {
      throw applicationFault(`the answer of ${this.#option}`, this, thrown);
    }
  }
}
