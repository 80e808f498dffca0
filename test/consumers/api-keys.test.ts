import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, memoryApiKeys } from '../../lib/index.js';
import { checksumOf, forgedKey } from '../helpers/api-keys.js';

const refused = (option: string, problem = '') =>
  expect.objectContaining({ name: 'ConfigurationError', option, message: expect.stringContaining(problem) });

describe('a key', () => {
  test('reads prefix, id, secret and checksum, and a double click selects all of it', async () => {
    const { key, id, start } = await memoryApiKeys().create({ owner: 'a' });
    expect(key).toMatch(/^sp_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    expect(key).toMatch(/^\w+$/);
    expect(key.split('_')[1]).toBe(id);
    expect(start).toBe(`sp_${id}`);
    expect(key.slice(-6)).toBe(checksumOf(key.slice(0, -6)));
  });

  test('has the prefix that was asked for, and those of another prefix are nobody’s', async () => {
    const [live, other] = [memoryApiKeys([], { prefix: 'acme_live' }), memoryApiKeys([], { prefix: 'acme' })];
    const { key } = await live.create({ owner: 'a' });
    expect(key).toMatch(/^acme_live_[0-9A-Za-z]{16}_/);
    expect(await live.findApiKey(key)).toMatchObject({ owner: 'a' });
    expect([live.recognises?.(key), other.recognises?.(key)]).toEqual([true, false]);
    const stolen = memoryApiKeys([{ key, owner: 'a' }], { prefix: 'acme_live' });
    expect(await stolen.findApiKey(key)).toMatchObject({ owner: 'a' });
    expect(await other.findApiKey(key)).toBeUndefined();
  });

  test('opens nothing by its id and a good checksum alone', async () => {
    const keys = memoryApiKeys();
    const { start } = await keys.create({ owner: 'a' });
    expect(keys.recognises?.(forgedKey(start))).toBe(true);
    expect(await keys.findApiKey(forgedKey(start))).toBeUndefined();
  });

  test('never comes twice', async () => {
    const keys = memoryApiKeys();
    const created = await Promise.all(Array.from({ length: 100 }, () => keys.create({ owner: 'a' })));
    expect(new Set(created.map(({ id }) => id)).size).toBe(100);
    expect(new Set(created.map(({ key }) => key.slice(-49))).size).toBe(100);
  });

  test('keeps its end whatever is done to the dates given or shown', async () => {
    const keys = memoryApiKeys();
    const expiresAt = new Date(Date.now() + 1000);
    const end = expiresAt.getTime();
    const created = await keys.create({ owner: 'a', expiresAt });
    const [listed] = (await keys.list()).data;
    const found = await keys.findApiKey(created.key);
    for (const date of [expiresAt, created.expiresAt, listed?.expiresAt, found?.expiresAt]) date?.setFullYear(2100);
    expect((await keys.findApiKey(created.key))?.expiresAt?.getTime()).toBe(end);
  });

  test('is shown nowhere but where it is made', async () => {
    const keys = memoryApiKeys();
    const { key, start } = await keys.create({ owner: 'a' });
    const shown = [keys, await keys.list(), await keys.findApiKey(key)];
    const texts = shown.flatMap((value) => [JSON.stringify(value), inspect(value, { depth: 20, showHidden: true })]);
    for (const text of texts) expect(text).not.toContain(key.slice(start.length + 1));
  });
});

describe('keys that were made before', () => {
  test('are taken with what they give', async () => {
    const { key } = await memoryApiKeys().create({ owner: 'a' });
    const keys = memoryApiKeys([{ key, owner: 'build', scopes: ['x'] }]);
    expect(await keys.findApiKey(key)).toMatchObject({ owner: 'build', scopes: ['x'], enabled: true });
  });

  test('are refused where they are not written like keys, or there twice, and never quoted', async () => {
    const { key, id } = await memoryApiKeys().create({ owner: 'a' });
    const secret = key.slice(-49);
    const wrong = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    expect(() => memoryApiKeys([{ key: wrong, owner: 'a' }])).toThrow(refused('memoryApiKeys[0].key') as never);
    const twice = () =>
      memoryApiKeys([
        { key, owner: 'a' },
        { key, owner: 'b' },
      ]);
    expect(twice).toThrow(refused('memoryApiKeys[1].key', id) as never);
    for (const attempt of [() => memoryApiKeys([{ key: wrong, owner: 'a' }]), twice]) {
      expect(attempt).not.toThrow(secret.slice(0, -6));
    }
  });
});

test.each<[string, () => unknown]>([
  ['memoryApiKeys', () => memoryApiKeys({} as never)],
  ['memoryApiKeys[0]', () => memoryApiKeys(['sp_x'] as never)],
  ['memoryApiKeys[0].key', () => memoryApiKeys([{ owner: 'a' }] as never)],
  ['memoryApiKeys[0].scope', () => memoryApiKeys([{ key: 'k', owner: 'a', scope: 'x' }] as never)],
  ['memoryApiKeys.prefix', () => memoryApiKeys([], { prefix: '' })],
  ['memoryApiKeys.prefix', () => memoryApiKeys([], { prefix: 'sp_' })],
  ['memoryApiKeys.prefix', () => memoryApiKeys([], { prefix: 'a-b' })],
  ['memoryApiKeys.prefix', () => memoryApiKeys([], { prefix: 'a'.repeat(33) })],
  ['memoryApiKeys.prefixes', () => memoryApiKeys([], { prefixes: 'a' } as never)],
])('%s is refused by its name (%#)', (option, make) => {
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(refused(option) as never);
});

test.each<[string, object]>([
  ['create.owner', {}],
  ['create.owner', { owner: 7 }],
  ['create.name', { owner: 'a', name: '' }],
  ['create.scopes', { owner: 'a', scopes: 'x' }],
  ['create.groups', { owner: 'a', groups: [7] }],
  ['create.expiresAt', { owner: 'a', expiresAt: '2030-01-01' }],
  ['create.expires_at', { owner: 'a', expires_at: new Date() }],
])('%s is refused by its name (%#)', async (option, given) => {
  await expect(memoryApiKeys().create(given as never)).rejects.toEqual(refused(option));
});

test('a rotation that is refused leaves the old key as it is', async () => {
  const keys = memoryApiKeys();
  const { id, key } = await keys.create({ owner: 'a' });
  await expect(keys.rotate(id, { grace: -1 })).rejects.toEqual(refused('rotate.grace'));
  await expect(keys.rotate(id, { grace: 40_000_000 })).rejects.toEqual(refused('rotate.grace'));
  await expect(keys.rotate(id, { expiresAt: new Date('nonsense') })).rejects.toEqual(refused('rotate.expiresAt'));
  expect(await keys.findApiKey(key)).not.toHaveProperty('expiresAt');
  expect((await keys.list()).data).toHaveLength(1);
});
