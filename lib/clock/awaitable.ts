/**
 * A value, or the promise of one. What nothing has to be waited for is done at once: a request whose token is known
 * goes on in the turn in which it came, as if no middleware were there.
 */
export type Awaitable<T> = T | Promise<T>;

/** Uses a value as soon as it is there, which may be now; then what `use` throws is thrown. */
export function after<T, U>(value: Awaitable<T>, use: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** The same for what may fail to start, fail later, or not fail; `mend` sees no error of `use`. */
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

/** Visits one after the other; the next one when the last is done. */
export function inTurn<T>(items: readonly T[], visit: (item: T) => Awaitable<void>, from = 0): Awaitable<void> {
  for (let at = from; at < items.length; at += 1) {
    // In bounds; `T` may itself be undefined.
    const visited = visit(items[at] as T);
    if (visited instanceof Promise) return visited.then(() => inTurn(items, visit, at + 1));
  }
}

/** The first for which something holds; asked one after the other, until one does. */
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
