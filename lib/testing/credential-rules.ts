import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { ManagedConsumerStore } from '../consumers/consumer-store.js';
import { credentialKey, isLive } from '../consumers/credential-key.js';
import { assertHidden, assertOneWins, assertRefused, type StoreRule, UNSTORABLE, walkPages } from './store-contract.js';

const SECRET = 'a secret of the contract, 40 bytes long.';

/** Reads the secret that a store finds for a key, as a text. */
async function foundSecret(store: ManagedConsumerStore, key: string): Promise<string | undefined> {
  const found = await store.findCredential(key);
  return found && credentialKey(found.credential).key.export().toString();
}

/** Rules about finding, creating and revoking credentials. */
export const CREDENTIAL_RULES: readonly StoreRule<ManagedConsumerStore>[] = [
  [
    'a credential is found with its consumer and its secret, through every handle',
    async (store, other) => {
      const consumer = await store.createConsumer({ username: 'a', groups: ['ops'] });
      const notBefore = new Date(Date.now() - 5000);
      const expiresAt = new Date(Date.now() + 60_000);
      const said = { key: 'k', algorithm: 'HS256', notBefore, expiresAt, tags: ['t'] } as const;
      const { id } = await store.createCredential({ consumer: 'a', ...said, secret: SECRET });
      for (const handle of [store, other]) {
        const found = await handle.findCredential('k');
        assert.deepEqual(found?.consumer, consumer);
        const { key, algorithm, notBefore, expiresAt, tags } = found.credential;
        assert.deepEqual({ key, algorithm, notBefore, expiresAt, tags }, said);
        assert.equal(found.credential.id, id);
        assert.equal(await foundSecret(handle, 'k'), SECRET);
      }
    },
  ],
  [
    'a public key is found as it was given, and has no secret',
    async (store, other) => {
      await store.createConsumer({ username: 'a' });
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const created = await store.createCredential({ consumer: 'a', key: 'k', algorithm: 'ES256', publicKey });
      assert.equal(created.secret, undefined);
      const found = await other.findCredential('k');
      assert(found !== undefined && credentialKey(found.credential).key.equals(publicKey));
    },
  ],
  [
    'a weak secret stays allowed where it was, and is refused where it was not',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      await assertRefused(store.createCredential({ consumer: 'a', secret: 'weak' }), 'createCredential.secret');
      await store.createCredential({ consumer: 'a', key: 'k', secret: 'weak', allowWeakSecret: true });
      assert.equal(await foundSecret(store, 'k'), 'weak');
    },
  ],
  [
    'a disabled credential is found as such',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      await store.createCredential({ consumer: 'a', key: 'k', enabled: false });
      assert.equal((await store.findCredential('k'))?.credential.enabled, false);
    },
  ],
  [
    'a key that is nobody’s, or that no database keeps, is unknown and no outage',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      await store.createCredential({ consumer: 'a', key: 'k' });
      for (const key of ['', 'K', 'k ', '__proto__', "' OR true --", ...UNSTORABLE]) {
        assert.equal(await store.findCredential(key), undefined);
      }
    },
  ],
  [
    'a secret is shown when it is created, and never again',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      const { key, secret } = await store.createCredential({ consumer: 'a' });
      assert(secret !== undefined && secret !== '');
      const secrets = [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')];
      assertHidden(await store.findCredential(key), secrets);
      assertHidden(await store.listCredentials(), secrets);
      assertHidden([await store.listConsumers(), await store.getConsumer('a')], secrets);
    },
  ],
  [
    'a key or id that is taken, by anybody, is refused by its name',
    async (store, other) => {
      await store.createConsumer({ username: 'a' });
      await store.createConsumer({ username: 'b' });
      await store.createCredential({ consumer: 'a', key: 'k', id: 'one' });
      await assertRefused(other.createCredential({ consumer: 'b', key: 'k' }), 'createCredential.key', '"k"');
      await assertRefused(other.createCredential({ consumer: 'b', id: 'one' }), 'createCredential.id', '"one"');
      await assertRefused(other.createCredential({ consumer: 'nobody' }), 'createCredential', '"nobody"');
    },
  ],
  [
    'of several who take one key at once, exactly one gets it',
    async (store, other) => {
      await store.createConsumer({ username: 'a' });
      const handles = [store, other, store, other];
      await assertOneWins(handles.map((handle) => handle.createCredential({ consumer: 'a', key: 'k' })));
      assert.equal((await store.listCredentials()).data.length, 1);
    },
  ],
  [
    'a credential is gone at once when it is revoked, or its consumer deleted, through every handle',
    async (store, other) => {
      await store.createConsumer({ username: 'a' });
      await store.createCredential({ consumer: 'a', key: 'k1' });
      await store.createCredential({ consumer: 'a', key: 'k2' });
      assert.equal(await other.revokeCredential('k1'), true);
      assert.equal(await other.revokeCredential('k1'), false);
      assert.equal(await store.findCredential('k1'), undefined);
      assert.equal(await other.deleteConsumer('a'), true);
      assert.equal(await store.findCredential('k2'), undefined);
      assert.deepEqual((await store.listCredentials()).data, []);
    },
  ],
  [
    'credentials are listed in order of creation, by owner and tags, and no page misses what is deleted on the way',
    async (store) => {
      for (const username of ['a', 'b']) await store.createConsumer({ username });
      for (const [index, key] of ['k0', 'k1', 'k2', 'k3', 'k4'].entries()) {
        await store.createCredential({ consumer: index < 4 ? 'a' : 'b', key, tags: index % 2 === 0 ? ['even'] : [] });
      }
      const keysOf = (listed: readonly { key: string }[]) => listed.map(({ key }) => key);
      const even = await walkPages((page) => store.listCredentials({ ...page, consumer: 'a', tags: ['even'] }));
      assert.deepEqual(keysOf(even), ['k0', 'k2']);
      await assertRefused(store.listCredentials({ consumer: 'nobody' }), 'listCredentials', '"nobody"');
      const seen = await walkPages(
        (page) => store.listCredentials(page),
        ({ key }) => store.revokeCredential(key),
      );
      assert.deepEqual(keysOf(seen), ['k0', 'k1', 'k2', 'k3', 'k4']);
    },
  ],
];

/** Rules about rotating credentials. */
export const ROTATION_RULES: readonly StoreRule<ManagedConsumerStore>[] = [
  [
    'rotation gives a successor with a key and secret of its own, while the old one lives on for the grace',
    async (store, other) => {
      await store.createConsumer({ username: 'a' });
      await store.createCredential({ consumer: 'a', key: 'k', algorithm: 'HS512', tags: ['t'] });
      const old = await foundSecret(store, 'k');
      const successor = await other.rotateCredential('k', { grace: 60 });
      assert.notEqual(successor.key, 'k');
      assert.deepEqual([successor.algorithm, successor.tags, successor.enabled], ['HS512', ['t'], true]);
      assert.equal(await foundSecret(store, successor.key), successor.secret);
      assert.equal(await foundSecret(store, 'k'), old);
      const found = (await store.findCredential('k'))?.credential;
      assert(found !== undefined && isLive(found) && !isLive(found, Date.now() + 61_000));
    },
  ],
  [
    'grace never lets a credential live longer than it would have',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      const expiresAt = new Date(Date.now() + 30_000);
      await store.createCredential({ consumer: 'a', key: 'k', expiresAt });
      await store.rotateCredential('k', { grace: 3600 });
      assert.deepEqual((await store.findCredential('k'))?.credential.expiresAt, expiresAt);
    },
  ],
  [
    'a disabled credential is not switched on by being renewed',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      await store.createCredential({ consumer: 'a', key: 'k', enabled: false });
      assert.equal((await store.rotateCredential('k')).enabled, false);
    },
  ],
  [
    'a rotation that is refused changes nothing',
    async (store) => {
      await store.createConsumer({ username: 'a' });
      await store.createCredential({ consumer: 'a', key: 'k' });
      await assertRefused(store.rotateCredential('k', { key: 'k' }), 'rotateCredential.key', '"k"');
      await assertRefused(store.rotateCredential('k', { secret: 'weak' }), 'rotateCredential.secret');
      await assertRefused(store.rotateCredential('unknown'), 'rotateCredential', '"unknown"');
      assert.equal((await store.findCredential('k'))?.credential.expiresAt, undefined);
      assert.equal((await store.listCredentials()).data.length, 1);
    },
  ],
];
