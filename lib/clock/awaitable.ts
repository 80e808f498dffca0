/**
 * A value, or the promise of one. A value is used at once and without a microtask, so that a request whose token is
 * cached reaches its handler in the same turn of the event loop.
 */
export type Awaitable<T> = T | Promise<T>;

/** Calls `use` with a value: now, or when the promise of it resolves. Called now, its exceptions are thrown. */
export function after<T, U>(value: Awaitable<T>, use: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** `try`/`catch` around `start`, sync or async: `use` gets the value, `mend` the exception. Errors of `use` are not caught. */
export function settle<T, U, V>(
  start: () => Awaitable<T>,
  use: (value: T) => Awaitable<U>,
  mend: (thrown: unknown) => Awaitable<V>,
): Awaitable<U | V> {
  let value: Awaitable<T>;
  try {
    value = start();
  } catch (thrown) {
    return mend(thrown);
  }
  return value instanceof Promise ? value.then(use, mend) : use(value);
}

/** Calls `visit` for each item in order, the next one when the one before is done. */
export function inTurn<T>(items: readonly T[], visit: (item: T) => Awaitable<void>, from = 0): Awaitable<void> {
  for (let at = from; at < items.length; at += 1) {
    // In bounds; `T` may itself be undefined.
    const visited = visit(items[at] as T);
    if (visited instanceof Promise) return visited.then(() => inTurn(items, visit, at + 1));
  }
}

/** Finds the first item for which `holds` resolves to true. Items are tried in order, the next one after an answer. */
export function firstThat<T>(
  items: readonly T[],
  holds: (item: T) => Awaitable<boolean>,
  from = 0,
): Awaitable<T | undefined> {
  for (let at = from; at < items.length; at += 1) {
    const item = items[at] as T;
    const answer = holds(item);
    if (answer instanceof Promise) return answer.then((held) => (held ? item : firstThat(items, holds, at + 1)));
    if (answer) return item;
  }
  return undefined;
}
