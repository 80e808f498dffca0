import type { StoredUser, UserStatus } from './user-store.js';

const STATUSES: readonly unknown[] = ['active', 'pending', 'disabled'] satisfies UserStatus[];

/**
 * Returns the id of a record as text. Databases may count rows, so numbers are accepted, if they are exact: `NaN` is one
 * id for all people.
 */
export function idOf({ id }: { readonly id?: unknown }): string | undefined {
  const isId = typeof id === 'string' || typeof id === 'bigint' || Number.isSafeInteger(id);
  return isId && id !== '' ? String(id) : undefined;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * Checks the user that an application's store returned, which no compiler has checked. A record without an id, or
 * without a known status, admits nobody.
 * @throws {TypeError} when the record is malformed.
 */
export function soundUser(user: StoredUser): StoredUser {
  const { status, groups, ...others }: { readonly [Field in keyof StoredUser]: unknown } = user;
  if (idOf(others) === undefined) throw new TypeError("the store's user has no id");
  if (!STATUSES.includes(status)) throw new TypeError("the store's user has a status that nobody knows");
  if (groups === undefined || groups === null) {
    const { groups: _none, ...without } = user;
    return without;
  }
  if (!isTexts(groups)) throw new TypeError("the store's user has groups that are not an array of texts");
  return user;
}

/**
 * Checks the user that a store found, if it found one; databases answer `null` for none.
 * @throws {TypeError} when the record is malformed.
 */
export function foundUser(found: StoredUser | null | undefined): StoredUser | undefined {
  return found === undefined || found === null ? undefined : soundUser(found);
}
