import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { ContractRule } from './user-contract/setting.js';

/** A store to be tried. */
export interface StoreUnderTest<Store> {
  /** Empty, and nobody else's. */
  readonly store: Store;
  /** A second handle on the same data, as another process has one. Default: the same handle. */
  readonly other?: Store;
  /** Called after the rule. */
  close?(): Promise<void>;
}

/** What `makeStore` may give: a store with what goes with it, or the store alone. */
type Made<Store> = Store | StoreUnderTest<Store>;

/** Makes a store for one rule; called anew for each. */
export type MakeStore<Store> = () => Made<Store> | Promise<Made<Store>>;

/** A rule before it knows its store. */
export type StoreRule<Store> = readonly [title: string, check: (store: Store, other: Store) => Promise<void>];

/** Rules tied to what makes their stores. A store is told by one of its verbs: it may well have a member `store`. */
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

/** Texts that a database does not keep as they are: NUL, and halves of surrogate pairs. */
export const UNSTORABLE: readonly string[] = ['a\0', '\ud800', 'a\udc00b'];

/** A call that must be refused with a ConfigurationError which names the option and the value. */
export async function assertRefused(call: Promise<unknown>, option: string, value = ''): Promise<void> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(outcome instanceof ConfigurationError, `must be refused with a ConfigurationError about ${option}`);
  assert.equal(outcome.option, option);
  assert(outcome.message.includes(value), `the refusal must name ${value}`);
}

/** Neither JSON nor a log of this may show any of the secrets. */
export function assertHidden(shown: unknown, secrets: readonly string[]): void {
  for (const text of [JSON.stringify(shown) ?? '', inspect(shown, { depth: 20, showHidden: true })]) {
    assert(!secrets.some((secret) => text.includes(secret)), 'a secret must not be shown');
  }
}

/** Whether exactly one of several calls that ran at once went through. */
export async function assertOneWins(calls: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(calls);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
}

/** All pages of a listing, one item at a time; `visit` may change the store on the way. */
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
