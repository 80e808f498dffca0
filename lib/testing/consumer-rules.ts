import assert from 'node:assert/strict';
import type { ManagedConsumerStore } from '../consumers/consumer-store.js';
import { assertOneWins, assertRefused, type StoreRule, UNSTORABLE, walkPages } from './store-contract.js';

/** Rules about consumers. */
export const CONSUMER_RULES: readonly StoreRule<ManagedConsumerStore>[] = [
  [
    'a consumer is found by id and by username, with all that was said of it, through every handle',
    async (store, other) => {
      const said = { username: 'jsmith', customId: 'c-1', groups: ['ops'], roles: ['editor'], tags: ['t'] };
      const created = await store.createConsumer(said);
      const { id, createdAt, ...rest } = created;
      assert.deepEqual(rest, said);
      assert(createdAt instanceof Date);
      for (const handle of [store, other]) {
        assert.deepEqual(await handle.getConsumer(id), created);
        assert.deepEqual(await handle.getConsumer('jsmith'), created);
        assert.deepEqual(await handle.getConsumer(created), created);
      }
    },
  ],
  [
    'nobody is found by no name, another case, or a text that no database keeps',
    async (store) => {
      await store.createConsumer({ username: 'jsmith' });
      for (const name of ['', 'JSMITH', 'jsmith ', '__proto__', ...UNSTORABLE]) {
        assert.equal(await store.getConsumer(name), undefined);
        assert.equal(await store.deleteConsumer(name), false);
      }
    },
  ],
  [
    'an id, username or customId that is taken is refused by its name',
    async (store, other) => {
      await store.createConsumer({ id: 'one', username: 'a', customId: 'c' });
      await assertRefused(other.createConsumer({ id: 'one', username: 'b' }), 'createConsumer.id', '"one"');
      await assertRefused(other.createConsumer({ username: 'a' }), 'createConsumer.username', '"a"');
      await assertRefused(other.createConsumer({ customId: 'c' }), 'createConsumer.customId', '"c"');
    },
  ],
  [
    'of several who take one username at once, exactly one gets it',
    async (store, other) => {
      await assertOneWins([store, other, store, other].map((handle) => handle.createConsumer({ username: 'a' })));
      assert.equal((await store.listConsumers()).data.length, 1);
    },
  ],
  [
    'an update changes what is given and leaves the rest, also where two are made at once',
    async (store, other) => {
      const { id } = await store.createConsumer({ username: 'a', customId: 'c', tags: ['t'] });
      await Promise.all([store.updateConsumer('a', { groups: ['ops'] }), other.updateConsumer(id, { roles: ['r'] })]);
      await other.updateConsumer(id, { username: 'b' });
      const { createdAt: _since, ...found } = (await store.getConsumer('b')) ?? { createdAt: undefined };
      assert.deepEqual(found, { id, username: 'b', customId: 'c', groups: ['ops'], roles: ['r'], tags: ['t'] });
      assert.equal(await store.getConsumer('a'), undefined);
    },
  ],
  [
    'an update of nobody, or to a name that is taken, is refused',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      await store.createConsumer({ username: 'b' });
      await assertRefused(store.updateConsumer('nobody', { tags: [] }), 'updateConsumer', '"nobody"');
      await assertRefused(store.updateConsumer('b', { username: 'a' }), 'updateConsumer.username', '"a"');
      assert.equal((await store.getConsumer('b'))?.username, 'b');
    },
  ],
  [
    'consumers are listed in order of creation, by tags, and no page misses what is changed or deleted on the way',
    async (store) => {
      const names = ['c0', 'c1', 'c2', 'c3', 'c4'];
      for (const [index, username] of names.entries()) {
        await store.createConsumer({ username, tags: index % 2 === 0 ? ['all', 'even'] : ['all'] });
      }
      const even = await walkPages((page) => store.listConsumers({ ...page, tags: ['even', 'all'] }));
      assert.deepEqual(
        even.map(({ username }) => username),
        ['c0', 'c2', 'c4'],
      );
      const seen = await walkPages(
        (page) => store.listConsumers(page),
        ({ id, username = '' }) =>
          username === 'c1' ? store.updateConsumer(id, { tags: ['seen'] }) : store.deleteConsumer(id),
      );
      assert.deepEqual(
        seen.map(({ username }) => username),
        names,
      );
    },
  ],
];
