/**
 * Marks the errors of this package, whichever copy of it made them: two versions in one process, or the files for
 * `import` beside those for `require()`, have classes of their own, which `instanceof` cannot see through.
 */
const KINDS = Symbol.for('sallyport.error');

function kindsOf(value: unknown): readonly unknown[] {
  const kinds: unknown = typeof value === 'object' && value !== null && KINDS in value ? value[KINDS] : undefined;
  return Array.isArray(kinds) ? kinds : [];
}

/** Gives a class its name among the kinds of errors, beside those of the classes that it extends. */
export function brandKind(kind: { readonly prototype: object }, name: string): void {
  Object.defineProperty(kind.prototype, KINDS, { value: [...kindsOf(kind.prototype), name] });
}

/** A method for classes: whether a value is an error of it, or of the class of its name in another copy of the package. */
export function isOfKind<T extends object>(this: { readonly prototype: T }, value: unknown): value is T {
  const { prototype } = this;
  // A class that an application derived has no name of its own here, and is what `instanceof` says.
  if (!Object.hasOwn(prototype, KINDS)) return Object.prototype.isPrototypeOf.call(prototype, Object(value));
  return kindsOf(value).includes(kindsOf(prototype).at(-1));
}
