import type { StoredUser, UserStatus } from './user-store.js';

const STATUSES: readonly unknown[] = ['active', 'pending', 'disabled'] satisfies UserStatus[];

/** The id of a record as a text; databases count their rows, too. */
export function idOf({ id }: { readonly id?: unknown }): string | undefined {
  const isId = typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint';
  return isId && id !== '' ? String(id) : undefined;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * What a store of the application's own hands out has been through no compiler: a record that does not say whose it
 * is, and whether they may come in, lets nobody in.
 * @throws TypeError
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

/** The user that a store found; databases say `null` for nobody. @throws TypeError */
export function foundUser(found: StoredUser | null | undefined): StoredUser | undefined {
  return found === undefined || found === null ? undefined : soundUser(found);
}
