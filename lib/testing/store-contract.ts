import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { ContractRule } from './user-contract/rule-context.js';

/** Store for one rule of a contract. */
export interface StoreUnderTest<Store> {
  /** An empty store that nothing else uses. */
  readonly store: Store;
  /**
   * A second handle on the data of `store`, as another process has one.
   * @default `store`
   */
  readonly other?: Store;
  /**
   * Releases the store, after the rule.
   * @default nothing is called
   */
  close?(): Promise<void>;
}

/** Result of `makeStore`. */
type Made<Store> = Store | StoreUnderTest<Store>;

/** Creates the store for a rule; it is called once per rule. */
export type MakeStore<Store> = () => Made<Store> | Promise<Made<Store>>;

/** Rule of a contract, as a function of a store and a second handle on its data. */
export type StoreRule<Store> = readonly [title: string, check: (store: Store, other: Store) => Promise<void>];

/**
 * Binds rules to the function that creates their stores.
 * @param verb method by which a store differs from a {@link StoreUnderTest}; a store may have a member `store` too.
 */
export function contractOf<Store extends object>(
  makeStore: MakeStore<Store>,
  rules: readonly StoreRule<Store>[],
  verb: keyof Store,
): ContractRule[] {
  const isStore = (made: Made<Store>): made is Store => verb in made;
  return rules.map(([title, check]) => ({
    title,
    async run() {
      const made = await makeStore();
      const { store, other = store, close }: StoreUnderTest<Store> = isStore(made) ? { store: made } : made;
      try {
        await check(store, other);
      } finally {
        await close?.();
      }
    },
  }));
}

/** Texts that databases cannot store unchanged: with NUL, or half a surrogate pair. */
export const UNSTORABLE: readonly string[] = ['a\0', '\ud800', 'a\udc00b'];

/** Asserts that a call is refused with a ConfigurationError which names the option and the value. */
export async function assertRefused(call: Promise<unknown>, option: string, value = ''): Promise<void> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(outcome instanceof ConfigurationError, `must be refused with a ConfigurationError about ${option}`);
  assert.equal(outcome.option, option);
  assert(outcome.message.includes(value), `the refusal must name ${value}`);
}

/** Asserts that neither the JSON nor the log output of a value contains one of the secrets. */
export function assertHidden(shown: unknown, secrets: readonly string[]): void {
  for (const text of [JSON.stringify(shown) ?? '', inspect(shown, { depth: 20, showHidden: true })]) {
    assert(!secrets.some((secret) => text.includes(secret)), 'a secret must not be shown');
  }
}

/** Asserts that exactly one of several concurrent calls succeeds. */
export async function assertOneWins(calls: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(calls);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
}

/** Reads all pages of a listing. `visit` gets every item and may change the store between two pages. */
export async function walkPages<T>(
  list: (page: { size: number; after?: string }) => Promise<{ data: readonly T[]; next?: string }>,
  visit: (item: T) => Promise<unknown> = async () => undefined,
): Promise<T[]> {
  const seen: T[] = [];
  for (let after: string | undefined; ; ) {
    const { data, next } = await list({ size: 2, ...(after === undefined ? {} : { after }) });
    assert(data.length <= 2, 'a page must not be larger than was asked for');
    for (const item of data) await visit(item);
    seen.push(...data);
    if (next === undefined) return seen;
    after = next;
  }
}
