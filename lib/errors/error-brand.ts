/**
 * Symbol under which every error of this package carries the names of its classes. It is global (`Symbol.for`), because
 * two copies of the package in one process (two versions, or the files for `import` and for `require()`) have different
 * classes, and `instanceof` knows only one of them.
 */
const KINDS = Symbol.for('sallyport.error');

function kindsOf(value: unknown): readonly unknown[] {
  const kinds: unknown = typeof value === 'object' && value !== null && KINDS in value ? value[KINDS] : undefined;
  return Array.isArray(kinds) ? kinds : [];
}

/** Adds a class name to the names that errors of this class carry, after those of the classes that it extends. */
export function brandKind(kind: { readonly prototype: object }, name: string): void {
  Object.defineProperty(kind.prototype, KINDS, { value: [...kindsOf(kind.prototype), name] });
}

/**
 * Static method `is` of an error class: whether a value is an error of that class, or of the class with its name in
 * another copy of the package.
 */
export function isOfKind<T extends object>(this: { readonly prototype: T }, value: unknown): value is T {
  const { prototype } = this;
  // A class derived by the application carries no name of its own, so its prototype chain decides, as in `instanceof`.
  if (!Object.hasOwn(prototype, KINDS)) return Object.prototype.isPrototypeOf.call(prototype, Object(value));
  return kindsOf(value).includes(kindsOf(prototype).at(-1));
}
