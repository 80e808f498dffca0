import { KeyObject } from 'node:crypto';
import { Agent } from 'node:http';
import { LRUCache } from 'lru-cache';
import { Moment } from '../clock/moment.js';
import { applicationFault } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import type { KeySource } from '../keys/key-source.js';
import { assertNotUndefined } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { Vouching } from '../users/store-reach.js';
import {
  ISSUER_DECISIONS,
  ISSUER_OPTION_NAMES,
  type IssuerOptions,
  type IssuerRecord,
  resolveIssuer,
} from './issuer-record.js';

/** Says what is known of an issuer, or `undefined` if it is nobody's. A rejection is an outage: 503. */
export type IssuersResolver = (issuer: string) => IssuerOptions | undefined | Promise<IssuerOptions | undefined>;

/** The issuers that a method knows. */
export interface IssuerRecords {
  /** The record, where the configuration itself names one issuer. */
  readonly only?: IssuerRecord;
  /** Finds the record by which an issuer's tokens are verified; `undefined`: it is nobody's. */
  find(issuer: string): IssuerRecord | undefined | Promise<IssuerRecord | undefined>;
  /** Forgets what the application said of an issuer, so that it is asked again. */
  forget?(issuer: string): void;
  /** Lists every record in use now. */
  all(): readonly IssuerRecord[];
  close(): void;
}

/** Tenants of a template are issuers that others run, as those of a function are. One issuer goes by its first name. */
export function vouchingOf({ only }: IssuerRecords): Vouching {
  return only === undefined || only.hasTenants ? 'many' : new Set([...only.issuers].slice(0, 1));
}

interface Ingredients {
  readonly text: string;
  readonly keys: KeySource | undefined;
}

interface Entry {
  /** What the record was made of. */
  readonly made: Ingredients | undefined;
  readonly record: IssuerRecord | undefined;
  readonly since: Moment;
  /** Whether the application is asked again before the answer is used. */
  readonly isForgotten?: true;
}

/** More tenants than this at once have their keys loaded again. */
const MAX_KNOWN = 1_000;
/** Invented issuers share a table of their own, so that they cannot push a tenant out. */
const MAX_UNKNOWN = 1_000;
/** Seconds for which an answer of the resolver holds, so that a tenant who leaves is gone soon. */
const ANSWER_TTL = 60;

/** Makes the records of a method with one issuer. */
export function singleIssuer(record: IssuerRecord): IssuerRecords {
  return {
    only: record,
    find: (issuer) => (record.issuers.has(issuer) ? record : undefined),
    all: () => [record],
    close: () => record.keys.close(),
  };
}

/** Longer issuers than this are invented, and would only fill the tables. */
const MAX_ISSUER_LENGTH = 2_048;

const identities = new WeakMap<object, string>();
let lastIdentity = 0;

/** A text for an object that cannot be written out, such as an agent: the same object, the same text. */
function identityOf(value: object): string {
  const known = identities.get(value);
  if (known !== undefined) return known;
  lastIdentity += 1;
  identities.set(value, `object ${lastIdentity}`);
  return `object ${lastIdentity}`;
}

function written(value: unknown): unknown {
  if (value instanceof KeyObject)
    return value.type === 'public' ? value.export({ type: 'spki', format: 'pem' }) : value.export().toString('base64');
  return value instanceof Agent ? identityOf(value) : value;
}

/** What stands in the options now: an object that the application changes in place is another answer, and so is another key. */
function ingredients({ keys, ...options }: IssuerOptions): Ingredients {
  return { text: JSON.stringify(options, (_name, value: unknown) => written(value)), keys };
}

/** The issuers of many tenants: asks the application, and remembers its answers, the negative ones too, within bounds. */
export class ResolvedIssuers implements IssuerRecords {
  readonly #option: string;
  readonly #ask: IssuersResolver;
  readonly #make: (options: IssuerOptions) => IssuerRecord;
  readonly #known = new LRUCache<string, Entry>({ max: MAX_KNOWN, dispose: ({ record }) => record?.keys.close() });
  readonly #unknown = new LRUCache<string, Entry>({ max: MAX_UNKNOWN });
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

  async find(issuer: string): Promise<IssuerRecord | undefined> {
    if (issuer === '' || issuer.length > MAX_ISSUER_LENGTH) return undefined;
    const entry = this.#known.get(issuer) ?? this.#unknown.get(issuer);
    if (entry !== undefined && entry.isForgotten !== true && entry.since.age < ANSWER_TTL) return entry.record;
    const flight = this.#asking.get(issuer) ?? this.#askOnce(issuer);
    return (await flight).record;
  }

  forget(issuer: string): void {
    this.#forgotten += 1;
    this.#unknown.delete(issuer);
    const entry = this.#known.peek(issuer);
    // The keys stay, for the case that the answer is what it was.
    if (entry !== undefined) this.#known.set(issuer, { ...entry, isForgotten: true }, { noDisposeOnSet: true });
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
    const options = await this.#askSafely(issuer);
    // What the application said before an issuer was forgotten is no answer any more.
    if (before !== this.#forgotten) return this.#answer(issuer);
    const since = new Moment();
    if (options === undefined) {
      const entry = { made: undefined, record: undefined, since };
      this.#known.delete(issuer);
      this.#unknown.set(issuer, entry);
      return entry;
    }
    const made = ingredients(options);
    // Looked up now: a record that was pushed out while the application thought is closed, and not to be kept.
    const known = this.#known.peek(issuer);
    const isSame = known?.made?.text === made.text && known.made.keys === made.keys;
    const kept = isSame ? known.record : undefined;
    const entry = { made, record: kept ?? this.#makeFor(issuer, options), since };
    // The keys go on living with the record; only an entry that is replaced by another record closes them.
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

  /** Wrong options for a tenant are the application's fault, not the caller's. */
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
