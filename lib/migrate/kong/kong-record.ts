import { ConfigurationError } from '../../errors/configuration-error.js';
import { configuredUrl } from '../../keys/remote-url.js';
import { isPlainRecord } from '../../tokens/strict-json.js';

// Any version, in any case, as Kong's `uuid` validator takes it.
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A record of a Kong configuration that is read field by field. `null` counts as absent, as in Kong, and what Kong's
 * schema refuses is refused with Kong's own reason.
 */
export class KongRecord {
  /** Path of the record, for example `plugins[0].config`; empty for the whole configuration. */
  readonly path: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(path: string, value: unknown) {
    if (!isPlainRecord(value)) throw refusal(path, 'expected a record');
    this.path = path;
    this.#fields = value;
  }

  /** Names of the fields that are not null. */
  get names(): string[] {
    return Object.keys(this.#fields).filter((name) => this.value(name) !== undefined);
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** Path of a field as errors name it. */
  option(name: string): string {
    return optionAt(this.at(name));
  }

  /** Makes the error that refuses a field; to be thrown. */
  refusal(name: string, reason: string): ConfigurationError {
    return refusal(this.at(name), reason);
  }

  value(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined;
  }

  /** Whether a field is written as `null`, where that takes a default away. */
  isNull(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] === null;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw this.refusal(name, 'expected a string');
    if (value === '') throw this.refusal(name, 'length must be at least 1');
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return this.#allowed(name, value, allowed);
  }

  uuid(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !UUID.test(value)) throw this.refusal(name, 'expected a valid UUID');
    return value;
  }

  /** Reads an address that may be fetched. @param allowHttp whether it may be plain http. */
  url(name: string, allowHttp: boolean): string | undefined {
    const value = this.text(name);
    if (value !== undefined) configuredUrl(this.option(name), value, allowHttp);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.refusal(name, 'expected a boolean');
    return value;
  }

  numberBetween(name: string, min: number, max: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') throw this.refusal(name, 'expected a number');
    if (!(value >= min && value <= max)) throw this.refusal(name, `value should be between ${min} and ${max}`);
    return value;
  }

  /** Reads a set of texts; a text that stands there twice counts once. */
  texts(name: string): string[] | undefined {
    const items = this.#items(name, 'expected a set')?.map((item, index) => this.#item(`${name}[${index}]`, item));
    return items && [...new Set(items)];
  }

  /** Reads an array of texts, in order and with duplicates. */
  list(name: string): string[] | undefined {
    return this.#items(name, 'expected an array')?.map((item, index) => this.#item(`${name}[${index}]`, item));
  }

  /** Reads an array of arrays of texts. */
  lists(name: string): string[][] | undefined {
    return this.#items(name, 'expected an array')?.map((list, index) => {
      if (!Array.isArray(list)) throw this.refusal(`${name}[${index}]`, 'expected an array');
      return list.map((item: unknown, at) => this.#item(`${name}[${index}][${at}]`, item));
    });
  }

  textsOf<T extends string>(name: string, allowed: readonly T[]): T[] | undefined {
    return this.texts(name)?.map((item, index) => this.#allowed(`${name}[${index}]`, item, allowed));
  }

  record(name: string): KongRecord | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : new KongRecord(this.at(name), value);
  }

  records(name: string): KongRecord[] {
    const items = this.#items(name, 'expected an array') ?? [];
    return items.map((item, index) => new KongRecord(`${this.at(name)}[${index}]`, item));
  }

  assertKnown(known: readonly string[]): void {
    const unknown = this.names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw this.refusal(unknown, 'unknown field');
  }

  #items(name: string, reason: string): unknown[] | undefined {
    const value = this.value(name);
    if (value !== undefined && !Array.isArray(value)) throw this.refusal(name, reason);
    return value;
  }

  #item(name: string, item: unknown): string {
    if (typeof item !== 'string') throw this.refusal(name, 'expected a string');
    if (item === '') throw this.refusal(name, 'length must be at least 1');
    return item;
  }

  #allowed<T extends string>(name: string, value: string, allowed: readonly T[]): T {
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw this.refusal(name, `expected one of: ${allowed.join(', ')}`);
    return found;
  }
}

const optionAt = (path: string) => (path === '' ? 'fromKong' : `fromKong.${path}`);

function refusal(path: string, reason: string): ConfigurationError {
  return new ConfigurationError(optionAt(path), reason);
}
