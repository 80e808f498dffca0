import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../../../errors/configuration-error.js';
import { assertNonEmptyString } from '../../../options/assertions.js';
import type { Texts } from '../provider-facts.js';

/** Function that checks one option of a preset, whose path it gets for error messages. */
type Reader<T> = (option: string, value: unknown) => T;

/**
 * Reads a text.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export const text: Reader<string> = (option, value) => {
  assertNonEmptyString(option, value);
  if (value !== value.trim()) throw new ConfigurationError(option, 'begins or ends with a space');
  return value;
};

/**
 * Reads a list of at least one item, or one item as a list of one.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export function listOf<T>(read: Reader<T>): Reader<readonly [T, ...T[]]> {
  return (option, value) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const [first, ...others] = items.map((item) => read(option, item));
    if (first === undefined)
      throw new ConfigurationError(option, 'is an empty list, and by it no token could ever be welcome');
    return [first, ...others];
  };
}

/**
 * Reads a list, and refuses a single item, which could be mistaken for all.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export function onlyList<T>(read: Reader<T>): Reader<readonly [T, ...T[]]> {
  return (option, value) => {
    if (!Array.isArray(value)) throw new ConfigurationError(option, 'expects a list');
    return listOf(read)(option, value);
  };
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Reads an id or a name that becomes a part of an address.
 * @throws {ConfigurationError} when it is missing or not of that form.
 */
export const part: Reader<string> = (option, value) => {
  const id = text(option, value);
  if (ADDRESS.test(id)) throw new ConfigurationError(option, 'expects an id or a name, and this is a whole address');
  if (/[/?#\\\s{}]/.test(id))
    throw new ConfigurationError(option, `expects an id or a name, without a slash or a space; this is "${id}"`);
  return id;
};

/**
 * Reads a host name.
 * @throws {ConfigurationError} when it is an address, with what to write in its place.
 */
export const host: Reader<string> = (option, value) => {
  const name = text(option, value);
  const bare = name.replace(ADDRESS, '').replace(/[/?#].*$/, '');
  if (bare !== name)
    throw new ConfigurationError(option, `expects a host name and no address or path; write "${bare}"`);
  if (!URL.canParse(`https://${name}`) || !/^(?=.*[.:]|localhost$)[^@\s\\]+$/.test(name))
    throw new ConfigurationError(option, `expects a host name such as "login.example.com"; this is "${name}"`);
  return name;
};

/**
 * Reads a URL, and removes slashes at its end.
 * @throws {ConfigurationError} when it is a part of a URL, with the text to write.
 */
export const address: Reader<string> = (option, value) => {
  const url = text(option, value);
  if (!ADDRESS.test(url)) throw new ConfigurationError(option, `expects a whole address; write "https://${url}"`);
  if (!/^https?:/i.test(url) || !URL.canParse(url) || /[?#]/.test(url))
    throw new ConfigurationError(option, 'expects an address that begins with https:// and has no query');
  if (url.includes('/.well-known/'))
    throw new ConfigurationError(
      option,
      `is the address of a document; write "${url.replace(/\/\.well-known\/.*/, '')}"`,
    );
  return url.replace(/\/+$/, '');
};

/**
 * Checks that exactly one of two options is given.
 * @throws {ConfigurationError} when both are given, or none.
 */
export function oneOf(preset: string, own: object, names: readonly [string, string]): void {
  const given = names.filter((name) => Object.hasOwn(own, name) && Reflect.get(own, name) !== undefined);
  if (given.length === 1) return;
  const [first, second] = names;
  const problem = given.length === 0 ? `is required, or ${second}` : `contradicts ${second}; leave one of the two out`;
  throw new ConfigurationError(`${preset}.${first}`, problem);
}

/**
 * Reads a GUID, such as the id of a tenant.
 * @throws {ConfigurationError} when it is another text.
 */
export const guid: Reader<string> = (option, value) => {
  const id = part(option, value);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new ConfigurationError(
      option,
      `expects an id such as "72f988bf-86f1-41af-91ab-2d7cd011db47"; this is "${id}"`,
    );
  return id;
};

/** Returns the audiences of a token as a list. */
export const audiencesOf = ({ aud }: { readonly aud?: JWTPayload['aud'] | null | undefined }): readonly string[] =>
  aud === undefined || aud === null ? [] : [aud].flat();

/** Returns a single name as text, and several as a list. */
export const named = (names: readonly [string, ...string[]]): Texts => (names.length === 1 ? names[0] : names);
