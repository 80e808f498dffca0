/** A store that does some things in its own way, and everything else as the one behind it. */
export function broken<Store extends object>(store: Store, wrong: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const owner = Object.hasOwn(wrong, name) ? wrong : target;
      const member: unknown = Reflect.get(owner, name, owner);
      return typeof member === 'function' ? member.bind(owner) : member;
    },
  });
}

/** Pages by how many items came before, which is wrong as soon as one of them goes. */
export function pagedByOffset<T>(all: readonly T[], { size = 100, after = '0' }: { size?: number; after?: string }) {
  const end = Number(after) + size;
  return { data: all.slice(Number(after), end), ...(end < all.length ? { next: String(end) } : {}) };
}
