type Names<Options> = Options extends unknown ? keyof Options : never;
type Value<Options, Name> = Options extends unknown ? (Name extends keyof Options ? Options[Name] : never) : never;

/** Options as JavaScript passes them: each by itself of its type, and any of them beside any other. */
export type Loose<Options> = { [Name in Names<Options>]?: Value<Options, Name> | undefined };

/** The options without those that a test takes away by `undefined`, which as an option is a mistake of its own. */
export function given<Options>(options: object): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
