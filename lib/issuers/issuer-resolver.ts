import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { applicationFault } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import { assertNotUndefined } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { Vouching } from '../users/store-reach.js';
import { ANSWER_NAMES, claimOptionsIn, type Ingredients, type IssuersAnswer, ingredients } from './issuer-answer.js';
import type { IssuerKeys } from './issuer-keys.js';
import type { PolicyResolver } from './issuer-policy.js';
import { ISSUER_DECISIONS, type IssuerRecord, resolveIssuer } from './issuer-record.js';
import { UnseenIssuers } from './unseen-issuers.js';

/** Function that returns the options of an issuer, or `undefined` if it is unknown. An exception is an outage: 503. */
export type IssuersResolver = (issuer: string) => IssuersAnswer | undefined | Promise<IssuersAnswer | undefined>;

/** Issuer records of a method. */
export interface IssuerRecords {
  /**
   * Whether clients of several issuers are accepted, here or beside this method, so that ids tell them apart; and the
   * names that other methods beside this one give to their identities.
   */
  readonly ids: { areShared: boolean; reserved?: Set<string> };
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

/** Makes the records of a method with one issuer. */
export function singleIssuer(record: IssuerRecord): IssuerRecords {
  return {
    ids: { areShared: record.identity === undefined },
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

/** Where issuer records come from. */
interface IssuersSource {
  readonly ask: IssuersResolver;
  /** Seconds for which an answer is cached, so that a removed tenant is refused soon. */
  readonly ttl: number;
}

/** Issuer records of many tenants: asks the application, and caches its answers, within bounds. */
export class ResolvedIssuers implements IssuerRecords {
  readonly ids: IssuerRecords['ids'] = { areShared: true };
  readonly #option: string;
  readonly #ask: IssuersResolver;
  readonly #ttl: number;
  readonly #make: (options: IssuersAnswer, opened: IssuerKeys | undefined) => IssuerRecord;
  readonly #known = new LRUCache<string, Entry>({ max: MAX_KNOWN, dispose: ({ record }) => record?.keys.close() });
  readonly #unknown = new LRUCache<string, Entry>({ max: MAX_UNKNOWN });
  readonly #unseen = new UnseenIssuers();
  readonly #asking = new Map<string, Promise<Entry>>();
  #forgotten = 0;

  constructor(factory: string, source: IssuersSource, listeners: readonly OnEvent[], policyOf: PolicyResolver) {
    const option = `${factory}.issuers`;
    this.#option = option;
    this.#ask = source.ask;
    this.#ttl = source.ttl;
    this.#make = (options, opened) => {
      assertNotUndefined(option, options, ISSUER_DECISIONS);
      const own = claimOptionsIn(options);
      const policy = own && policyOf(option, own);
      return { ...resolveIssuer(option, options, listeners, opened), policy };
    };
  }

  async find(issuer: string | undefined): Promise<IssuerRecord | undefined> {
    if (issuer === undefined || issuer === '' || issuer.length > MAX_ISSUER_LENGTH) return undefined;
    const entry = this.#known.get(issuer) ?? this.#unknown.get(issuer);
    if (entry !== undefined && entry.isForgotten !== true && entry.since.age < this.#ttl) return entry.record;
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
    const entry = { ...this.#madeOf(issuer, options), since };
    const known = this.#known.peek(issuer);
    // The keys belong to the record; only an entry with other keys closes them.
    this.#known.set(issuer, entry, { noDisposeOnSet: known?.record?.keys === entry.record.keys });
    this.#unknown.delete(issuer);
    return entry;
  }

  async #askSafely(issuer: string): Promise<IssuersAnswer | undefined> {
    try {
      return (await this.#ask(issuer)) ?? undefined;
    } catch (thrown) {
      throw applicationFault(this.#option, this, thrown);
    }
  }

  /**
   * Makes the record of a tenant, of which as much is kept as the answer leaves unchanged: the record, or its keys.
   * Wrong options are the application's fault, so they are a 503.
   */
  #madeOf(issuer: string, options: IssuersAnswer): Pick<Entry, 'made'> & { readonly record: IssuerRecord } {
    try {
      checkOptionNames(this.#option, options, ANSWER_NAMES);
      const made = ingredients(options);
      // The record is looked up now, because the cache may have closed it while the application was asked.
      const known = this.#known.peek(issuer);
      const hasKeys = known?.made?.keys === made.keys && known.made.source === made.source;
      const old = hasKeys ? known.record : undefined;
      if (old !== undefined && known?.made?.others === made.others) return { made, record: old };
      const record = this.#make(options, old);
      if (!record.issuers.has(issuer))
        throw new ConfigurationError('issuers', 'answered with the options of another issuer');
      return { made, record };
    } catch (thrown) {
      throw applicationFault(`the answer of ${this.#option}`, this, thrown);
    }
  }
}
