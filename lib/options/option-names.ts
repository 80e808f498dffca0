/** Names of the members of a type; of a union those of all its members, not only those that all have in common. */
export type OptionName<Options> = Options extends unknown ? keyof Options & string : never;

/** The options of a type, none of which may be given. For the other members of a union of options. */
export type NoneOf<Options> = { [Name in OptionName<Options>]?: never };

/** `Omit` for each member of a union by itself. */
export type OmitEach<Options, Names extends PropertyKey> = Options extends unknown ? Omit<Options, Names> : never;

/**
 * Lists the names of a type's options for {@link checkOptionNames}. The compiler ties the list to the type: a name that
 * is missing, and one that the type does not have, are compile errors.
 *
 * ```ts
 * const NAMES = namesOf<ApiKeyOptions>()({ keys: true, header: true, … }, METHOD_OPTION_NAMES);
 * ```
 */
export function namesOf<Options>() {
  return <Inherited extends OptionName<Options> = never>(
    own: Readonly<Record<Exclude<OptionName<Options>, Inherited>, true>>,
    ...inherited: readonly (readonly Inherited[])[]
  ): readonly OptionName<Options>[] => [
    // What Object.keys is known to return of a record that was written out.
    ...(Object.keys(own) as Exclude<OptionName<Options>, Inherited>[]),
    ...inherited.flat(),
  ];
}

/** A list of names without some of them. */
export function namesWithout<Name extends string, Left extends Name>(
  names: readonly Name[],
  ...left: readonly Left[]
): readonly Exclude<Name, Left>[] {
  const gone: ReadonlySet<string> = new Set(left);
  return names.filter((name): name is Exclude<Name, Left> => !gone.has(name));
}
