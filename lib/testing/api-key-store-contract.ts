import assert from 'node:assert/strict';
import type { ManagedApiKeyStore } from '../consumers/api-key-store.js';
import { isLive } from '../consumers/credential-key.js';
import {
  assertHidden,
  assertRefused,
  contractOf,
  type MakeStore,
  type StoreRule,
  UNSTORABLE,
  walkPages,
} from './store-contract.js';
import type { ContractRule } from './user-contract/rule-context.js';

const RIGHTS = { scopes: ['things:read'], groups: ['ops'], roles: ['editor'] };

/** Whether a key may be used now. */
async function opens(store: ManagedApiKeyStore, key: string): Promise<boolean> {
  const found = await store.findApiKey(key);
  return found !== undefined && isLive(found);
}

/** Replaces one letter of a key: the last one, or the one at `index`. */
function mistyped(key: string, index = key.length - 1): string {
  return `${key.slice(0, index)}${key[index] === 'a' ? 'b' : 'a'}${key.slice(index + 1)}`;
}

const RULES: readonly StoreRule<ManagedApiKeyStore>[] = [
  [
    'a key is found with its owner, its rights and its end, through every handle',
    async (store, other) => {
      const said = { owner: 'build', name: 'nightly', expiresAt: new Date(Date.now() + 60_000), ...RIGHTS };
      const { key, id } = await store.create(said);
      for (const handle of [store, other]) {
        const { owner, name, expiresAt, scopes, groups, roles, ...rest } = (await handle.findApiKey(key)) ?? {};
        assert.deepEqual({ owner, name, expiresAt, scopes, groups, roles }, said);
        assert.equal('id' in rest && rest.id, id);
        assert.equal(await opens(handle, key), true);
      }
    },
  ],
  [
    'nothing but the whole key is found',
    async (store) => {
      const { key, id, start } = await store.create({ owner: 'a' });
      const near = Array.from(key, (_letter, index) => mistyped(key, index));
      const others = ['', id, start, key.slice(0, -1), `${key}a`, ` ${key}`, key.toUpperCase(), '__proto__'];
      for (const text of [...near, ...others, ...UNSTORABLE]) assert.equal(await store.findApiKey(text), undefined);
    },
  ],
  [
    'the secret of one key does not open another',
    async (store) => {
      const [one, two] = [await store.create({ owner: 'a' }), await store.create({ owner: 'b' })];
      assert.notEqual(one.key, two.key);
      assert.equal((await store.findApiKey(one.key))?.owner, 'a');
      assert.equal(await store.findApiKey(two.key.replace(two.id, one.id)), undefined);
    },
  ],
  [
    'a key is shown when it is created, and never again',
    async (store) => {
      const { key, start } = await store.create({ owner: 'a' });
      assert(key.startsWith(start) && key.length > start.length + 32);
      const secrets = [key, key.slice(start.length + 1)];
      assertHidden(await store.findApiKey(key), secrets);
      assertHidden(await store.list(), secrets);
      assertHidden(store, secrets);
    },
  ],
  [
    'a revoked key opens nothing any more, through every handle, and renewing does not bring it back',
    async (store, other) => {
      const { key, id } = await store.create({ owner: 'a' });
      assert.equal(await store.revoke('unknown'), false);
      for (const text of UNSTORABLE) assert.equal(await store.revoke(text), false);
      assert.equal(await opens(other, key), true);
      assert.equal(await other.revoke(id), true);
      assert.equal(await opens(store, key), false);
      await assertRefused(store.rotate(id), 'rotate', id);
    },
  ],
  [
    'a key that has expired opens nothing',
    async (store) => {
      const { key, id } = await store.create({ owner: 'a', expiresAt: new Date(Date.now() - 1) });
      assert.equal(await opens(store, key), false);
      await assertRefused(store.rotate(id), 'rotate.expiresAt');
    },
  ],
  [
    'rotation gives a successor with the same rights, while the old key lives on for the grace and no longer',
    async (store, other) => {
      const old = await store.create({ owner: 'a', name: 'n', ...RIGHTS });
      const successor = await other.rotate(old.id, { grace: 60 });
      assert.notEqual(successor.id, old.id);
      const { owner, name, scopes, groups, roles } = successor;
      assert.deepEqual({ owner, name, scopes, groups, roles }, { owner: 'a', name: 'n', ...RIGHTS });
      assert.deepEqual([await opens(store, successor.key), await opens(store, old.key)], [true, true]);
      const found = await store.findApiKey(old.key);
      assert(found !== undefined && !isLive(found, Date.now() + 61_000));
      await store.rotate(old.id, { grace: 0 });
      assert.equal(await opens(store, old.key), false);
      await assertRefused(store.rotate('unknown'), 'rotate', '"unknown"');
    },
  ],
  [
    'grace never lets a key live longer than it would have, and its successor ends when it was to end',
    async (store) => {
      const expiresAt = new Date(Date.now() + 30_000);
      const old = await store.create({ owner: 'a', expiresAt });
      const successor = await store.rotate(old.id, { grace: 3600 });
      assert.deepEqual(successor.expiresAt, expiresAt);
      assert.deepEqual((await store.findApiKey(old.key))?.expiresAt, expiresAt);
      const later = new Date(Date.now() + 90_000);
      assert.deepEqual((await store.rotate(successor.id, { expiresAt: later })).expiresAt, later);
    },
  ],
  [
    'keys are listed in order of creation, by owner, and no page misses what is revoked or added on the way',
    async (store) => {
      const created: string[] = [];
      for (const owner of ['a', 'b', 'a', 'a', 'b']) created.push((await store.create({ owner })).id);
      const idsOf = (listed: readonly { id: string }[]) => listed.map(({ id }) => id);
      const ofA = await walkPages((page) => store.list({ ...page, owner: 'a' }));
      assert.deepEqual(idsOf(ofA), [created[0], created[2], created[3]]);
      assert.deepEqual((await store.list({ owner: 'nobody' })).data, []);
      const seen = await walkPages(
        (page) => store.list(page),
        ({ id }) => store.revoke(id),
      );
      assert.deepEqual(idsOf(seen), created);
    },
  ],
  [
    'a key without an owner, or with what is no field or value, is refused by its name',
    async (store) => {
      await assertRefused(store.create({ owner: '' }), 'create.owner');
      await assertRefused(store.create({ owner: 'a', scopes: [''] }), 'create.scopes');
      await assertRefused(store.create({ owner: 'a', expiresAt: new Date('nonsense') }), 'create.expiresAt');
      await assertRefused(store.list({ size: 0 }), 'list.size');
      assert.deepEqual((await store.list()).data, []);
    },
  ],
];

/**
 * Returns the rules that every API key store must keep, for any test runner.
 *
 * ```ts
 * for (const { title, run } of apiKeyStoreContract(() => myStore())) test(title, run);
 * ```
 *
 * @param makeStore creates an empty store for each rule, or `{ store, other }` with a second handle on its data.
 */
export function apiKeyStoreContract(makeStore: MakeStore<ManagedApiKeyStore>): ContractRule[] {
  return contractOf(makeStore, RULES, 'findApiKey');
}
