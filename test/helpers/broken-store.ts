/** Wraps a store and replaces some of its methods. */
export function broken<Store extends object>(store: Store, wrong: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const owner = Object.hasOwn(wrong, name) ? wrong : target;
      const member: unknown = Reflect.get(owner, name, owner);
      return typeof member === 'function' ? member.bind(owner) : member;
    },
  });
}

/** Pages by offset, which is wrong after an earlier item has been deleted. */
export function pagedByOffset<T>(
  all: readonly T[],
  { size = 100, after = '0' }: { size?: number | undefined; after?: string | undefined },
) {
  const end = Number(after) + size;
  return { data: all.slice(Number(after), end), ...(end < all.length ? { next: String(end) } : {}) };
}
