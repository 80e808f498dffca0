import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, type ManagedConsumerStore, memoryConsumers } from '../../lib/index.js';
import { HOWTO } from '../helpers/tokens.js';

const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const RSA_PEM = rsa.export({ type: 'spki', format: 'pem' }) as string;
const SECRET = HOWTO.secret;

const store = () =>
  memoryConsumers([{ username: 'jsmith', groups: ['ops'], credentials: [{ key: HOWTO.key, secret: SECRET }] }]);

const refused = (option: string, problem: string | RegExp = '') =>
  expect.objectContaining({
    name: 'ConfigurationError',
    option,
    message: problem instanceof RegExp ? expect.stringMatching(problem) : expect.stringContaining(problem),
  });

describe('consumers', () => {
  test('are created with an id and found by id and username', async () => {
    const consumers = memoryConsumers();
    const created = await consumers.createConsumer({ username: 'a', customId: 'c-1', tags: ['t'] });
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'a',
      customId: 'c-1',
      groups: [],
      roles: [],
      tags: ['t'],
      createdAt: expect.any(Date),
    });
    expect(await consumers.getConsumer(created.id)).toEqual(created);
    expect(await consumers.getConsumer('a')).toEqual(created);
    expect(await consumers.getConsumer('nobody')).toBeUndefined();
  });

  test('need a username or a customId', async () => {
    await expect(memoryConsumers().createConsumer({})).rejects.toEqual(
      refused('createConsumer', 'username or a customId'),
    );
    expect(await memoryConsumers().createConsumer({ customId: 'only' })).toMatchObject({ customId: 'only' });
  });

  test('are never found, changed or deleted by no name at all', async () => {
    const consumers = memoryConsumers([{ customId: 'without a username' }]);
    const nobody = undefined as unknown as string;
    expect(await consumers.getConsumer(nobody)).toBeUndefined();
    expect(await consumers.deleteConsumer(nobody)).toBe(false);
    await expect(consumers.createCredential({ consumer: nobody })).rejects.toEqual(refused('createCredential'));
  });

  test.each([
    ['id', { id: 'one', username: 'b' }],
    ['username', { username: 'a' }],
    ['customId', { customId: 'c' }],
  ])('refuse a %s that is taken, and name it', async (field, second) => {
    const consumers = memoryConsumers([{ id: 'one', username: 'a', customId: 'c' }]);
    const value = Object.entries(second).find(([name]) => name === field)?.[1];
    await expect(consumers.createConsumer(second)).rejects.toEqual(
      refused(`createConsumer.${field}`, `"${value}" is taken`),
    );
  });

  test('are updated in what is given, and keep their credentials and the rest', async () => {
    const consumers = store();
    const updated = await consumers.updateConsumer('jsmith', { username: 'smith', roles: ['editor'] });
    expect(updated).toMatchObject({ username: 'smith', groups: ['ops'], roles: ['editor'] });
    expect(await consumers.getConsumer('jsmith')).toBeUndefined();
    expect((await consumers.findCredential(HOWTO.key))?.consumer).toEqual(updated);
  });

  test('refuse an update of nobody, to a taken name, of the id, or of what is no field', async () => {
    const consumers = memoryConsumers([{ username: 'a' }, { username: 'b' }]);
    await expect(consumers.updateConsumer('x', {})).rejects.toEqual(refused('updateConsumer', '"x"'));
    await expect(consumers.updateConsumer('a', { username: 'b' })).rejects.toEqual(
      refused('updateConsumer.username', 'taken'),
    );
    await expect(consumers.updateConsumer('a', { id: 'x' } as never)).rejects.toEqual(refused('updateConsumer.id'));
    await expect(consumers.updateConsumer('a', { group: ['x'] } as never)).rejects.toEqual(
      refused('updateConsumer.group', '"groups"'),
    );
    await expect(consumers.updateConsumer('a', { groups: 'ops' } as never)).rejects.toEqual(
      refused('updateConsumer.groups'),
    );
    expect(await consumers.updateConsumer('a', { username: 'a' })).toMatchObject({ username: 'a' });
  });

  test('take their credentials with them when they are deleted', async () => {
    const consumers = store();
    expect(await consumers.deleteConsumer('jsmith')).toBe(true);
    expect(await consumers.deleteConsumer('jsmith')).toBe(false);
    expect(await consumers.findCredential(HOWTO.key)).toBeUndefined();
    expect((await consumers.listCredentials()).data).toEqual([]);
  });

  test('cannot be changed through what the store hands out', async () => {
    const consumers = store();
    const consumer = await consumers.getConsumer('jsmith');
    expect([consumer, consumer?.groups, consumer?.roles, consumer?.tags].map(Object.isFrozen)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

describe('credentials', () => {
  test('are created with a random key and a secret as long as the hash', async () => {
    const consumers = store();
    for (const [algorithm, bytes] of [
      ['HS256', 32],
      ['HS384', 48],
      ['HS512', 64],
    ] as const) {
      const created = await consumers.createCredential({ consumer: 'jsmith', algorithm });
      expect(created).toMatchObject({
        algorithm,
        enabled: true,
        tags: [],
        key: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      });
      expect(Buffer.from(created.secret ?? '', 'base64url')).toHaveLength(bytes);
    }
    const [first, second] = [
      await consumers.createCredential({ consumer: 'jsmith' }),
      await consumers.createCredential({ consumer: 'jsmith' }),
    ];
    expect(first.key).not.toBe(second.key);
    expect(first.secret).not.toBe(second.secret);
  });

  test('show their secret at creation and never again', async () => {
    const consumers = store();
    const { secret = '', key } = await consumers.createCredential({ consumer: 'jsmith' });
    expect(secret).not.toBe('');
    const seen = [
      await consumers.listCredentials(),
      await consumers.listConsumers(),
      await consumers.getConsumer('jsmith'),
      await consumers.findCredential(key),
      await consumers.findCredential(HOWTO.key),
      consumers,
    ];
    for (const value of seen) {
      for (const text of [JSON.stringify(value), inspect(value, { depth: 20, showHidden: true, getters: true })]) {
        for (const hidden of [
          secret,
          SECRET,
          Buffer.from(SECRET).toString('base64'),
          Buffer.from(SECRET).toString('hex'),
        ]) {
          expect(text).not.toContain(hidden);
        }
      }
    }
  });

  test('with a public key have no secret at all', async () => {
    const created = await store().createCredential({ consumer: 'jsmith', algorithm: 'RS256', publicKey: RSA_PEM });
    expect(created).not.toHaveProperty('secret');
  });

  test('refuse a key that is taken, by anybody, and name it', async () => {
    const consumers = store();
    await consumers.createConsumer({ username: 'other' });
    await expect(consumers.createCredential({ consumer: 'other', key: HOWTO.key })).rejects.toEqual(
      refused('createCredential.key', HOWTO.key),
    );
    const seeds = [{ username: 'a', credentials: [{ key: 'k' }, { key: 'k' }] }];
    expect(() => memoryConsumers(seeds)).toThrow(
      refused('memoryConsumers[0].credentials[1].key', '"k" is taken') as never,
    );
  });

  test.each<[string, object, RegExp]>([
    ['secret', { secret: 'short' }, /5 bytes, 32 are needed/],
    ['secret', { secret: '' }, /empty/],
    ['secret', { secret: SECRET, algorithm: 'HS512' }, /32 bytes, 64 are needed/],
    ['secret', { secret: 42 }, /needs a secret/],
    ['secret', { secret: RSA_PEM }, /PEM/],
    ['secret', { secret: '%%%', secretEncoding: 'base64' }, /base64/],
    ['secret', { secret: SECRET, algorithm: 'RS256' }, /contradicts/],
    ['publicKey', { publicKey: RSA_PEM }, /contradicts/],
    ['publicKey', { algorithm: 'RS256' }, /needs a publicKey/],
    ['publicKey', { algorithm: 'RS256', publicKey: null }, /needs a publicKey/],
    ['publicKey', { algorithm: 'ES256', publicKey: RSA_PEM }, /another type, curve/],
    ['algorithm', { algorithm: 'none' }, /expects a signature algorithm/],
    ['algorithm', { algorithm: 'constructor' }, /expects a signature algorithm/],
    ['secretEncoding', { secretEncoding: 'hex' }, /"utf8" or "base64"/],
    ['enabled', { enabled: 'false' }, /true or false/],
    ['allowWeakSecret', { allowWeakSecret: 1 }, /true or false/],
    ['key', { key: '' }, /non-empty/],
    ['id', { id: 7 }, /non-empty/],
    ['notBefore', { notBefore: '2030-01-01' }, /Date/],
    ['expiresAt', { expiresAt: new Date('nonsense') }, /Date/],
    ['expiresAt', { notBefore: new Date(2), expiresAt: new Date(1) }, /after notBefore/],
    ['tags', { tags: 'x' }, /array/],
    ['expires_at', { expires_at: new Date() }, /"expiresAt"/],
    ['secret_is_base64', { secret_is_base64: true }, /"secretEncoding"/],
    ['rsa_public_key', { rsa_public_key: RSA_PEM }, /"publicKey"/],
  ])('refuse a wrong %s (%#) and name the option', async (option, wrong, problem) => {
    const attempt = store().createCredential({ consumer: 'jsmith', ...wrong });
    await expect(attempt).rejects.toEqual(refused(`createCredential.${option}`, problem));
    await expect(attempt).rejects.not.toThrow(SECRET);
  });

  test('take a weak secret only where that is said aloud', async () => {
    expect(
      await store().createCredential({ consumer: 'jsmith', secret: 'short', allowWeakSecret: true }),
    ).toMatchObject({ secret: 'short' });
  });

  test('refuse an id that is taken', async () => {
    const consumers = store();
    await consumers.createCredential({ consumer: 'jsmith', id: 'one' });
    await expect(consumers.createCredential({ consumer: 'jsmith', id: 'one' })).rejects.toEqual(
      refused('createCredential.id', '"one"'),
    );
  });

  test('are gone at once when they are revoked', async () => {
    const consumers = store();
    expect(await consumers.revokeCredential(HOWTO.key)).toBe(true);
    expect(await consumers.revokeCredential(HOWTO.key)).toBe(false);
    expect(await consumers.findCredential(HOWTO.key)).toBeUndefined();
  });

  test('keep their window whatever is done to the dates given or shown', async () => {
    const consumers = store();
    const expiresAt = new Date(Date.now() + 1000);
    const end = expiresAt.getTime();
    const { key } = await consumers.createCredential({ consumer: 'jsmith', expiresAt });
    expiresAt.setFullYear(2100);
    const [, shown] = (await consumers.listCredentials()).data;
    expect(shown?.expiresAt?.getTime()).toBe(end);
    shown?.expiresAt?.setFullYear(2100);
    expect((await consumers.findCredential(key))?.credential.expiresAt?.getTime()).toBe(end);
  });

  test('are found by their exact key only', async () => {
    const consumers = store();
    for (const key of ['', HOWTO.key.toLowerCase(), ` ${HOWTO.key}`, '__proto__', 'constructor']) {
      expect(await consumers.findCredential(key)).toBeUndefined();
    }
  });
});

describe('rotation', () => {
  test('gives a successor with a key and secret of its own, and the old one a day', async () => {
    const consumers = store();
    const before = Date.now();
    const created = await consumers.rotateCredential(HOWTO.key);
    expect(created.key).not.toBe(HOWTO.key);
    expect(created.secret).toEqual(expect.any(String));
    expect(created).not.toHaveProperty('expiresAt');
    const old = (await consumers.findCredential(HOWTO.key))?.credential.expiresAt?.getTime() ?? 0;
    expect(old - before).toBeGreaterThanOrEqual(86_400_000);
    expect(old - before).toBeLessThan(86_500_000);
    expect((await consumers.listCredentials()).data.map(({ key }) => key)).toEqual([HOWTO.key, created.key]);
  });

  test('keeps algorithm, tags and being disabled, unless told otherwise', async () => {
    const consumers = memoryConsumers([
      { username: 'a', credentials: [{ key: 'k', algorithm: 'HS512', tags: ['t'], enabled: false }] },
    ]);
    const undefinedOptions = { algorithm: undefined, tags: undefined, grace: undefined } as never;
    expect(await consumers.rotateCredential('k', undefinedOptions)).toMatchObject({
      algorithm: 'HS512',
      tags: ['t'],
      enabled: false,
    });
    expect(await consumers.rotateCredential('k', { algorithm: 'HS256', enabled: true, key: 'k2' })).toMatchObject({
      key: 'k2',
      algorithm: 'HS256',
      enabled: true,
    });
  });

  test('never lets the old one live longer than it would have', async () => {
    const expiresAt = new Date(Date.now() + 5000);
    const consumers = memoryConsumers([{ username: 'a', credentials: [{ key: 'k', expiresAt }] }]);
    await consumers.rotateCredential('k', { grace: 60 });
    expect((await consumers.findCredential('k'))?.credential.expiresAt).toEqual(expiresAt);
  });

  test('changes nothing when it is refused', async () => {
    const consumers = memoryConsumers([
      { username: 'a', credentials: [{ key: 'r', algorithm: 'RS256', publicKey: RSA_PEM }] },
    ]);
    await expect(consumers.rotateCredential('r')).rejects.toEqual(refused('rotateCredential.publicKey'));
    await expect(consumers.rotateCredential('r', { publicKey: RSA_PEM, key: 'r' })).rejects.toEqual(
      refused('rotateCredential.key', '"r"'),
    );
    await expect(consumers.rotateCredential('r', { grace: -1 })).rejects.toEqual(refused('rotateCredential.grace'));
    await expect(consumers.rotateCredential('x')).rejects.toEqual(refused('rotateCredential', '"x"'));
    expect((await consumers.findCredential('r'))?.credential).not.toHaveProperty('expiresAt');
    expect((await consumers.listCredentials()).data).toHaveLength(1);
  });
});

describe('listings', () => {
  const many = () =>
    memoryConsumers(
      Array.from({ length: 7 }, (_, index) => ({
        username: `c${index}`,
        tags: index % 2 === 0 ? ['even', 'all'] : ['all'],
        credentials: [{ key: `k${index}`, tags: index % 2 === 0 ? ['even'] : [] }],
      })),
    );

  async function walk(consumers: ManagedConsumerStore, size: number, visit = async (_name: string) => {}) {
    const pages: string[][] = [];
    let after: string | undefined;
    do {
      const page = await consumers.listConsumers({ size, ...(after === undefined ? {} : { after }) });
      pages.push(page.data.map(({ username = '' }) => username));
      for (const name of pages.at(-1) ?? []) await visit(name);
      after = page.next;
    } while (after !== undefined);
    return pages;
  }

  test('come in pages, in order of creation, and the last page says so', async () => {
    expect(await walk(many(), 3)).toEqual([['c0', 'c1', 'c2'], ['c3', 'c4', 'c5'], ['c6']]);
    expect(await walk(many(), 7)).toHaveLength(1);
    expect(await memoryConsumers().listConsumers()).toEqual({ data: [] });
  });

  test('miss nothing when everything that was seen is deleted or renamed on the way', async () => {
    const deleting = many();
    expect((await walk(deleting, 2, async (name) => void (await deleting.deleteConsumer(name)))).flat()).toHaveLength(
      7,
    );
    const renaming = many();
    const rename = async (name: string) => void (await renaming.updateConsumer(name, { username: `new-${name}` }));
    expect((await walk(renaming, 2, rename)).flat()).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  });

  test('keep to tags and owners', async () => {
    const consumers = many();
    expect((await consumers.listConsumers({ tags: ['even', 'all'] })).data).toHaveLength(4);
    expect((await consumers.listConsumers({ tags: ['odd'] })).data).toEqual([]);
    expect((await consumers.listCredentials({ tags: ['even'], size: 2 })).data.map(({ key }) => key)).toEqual([
      'k0',
      'k2',
    ]);
    expect((await consumers.listCredentials({ consumer: 'c3' })).data.map(({ key }) => key)).toEqual(['k3']);
    await expect(consumers.listCredentials({ consumer: 'nobody' })).rejects.toEqual(
      refused('listCredentials', '"nobody"'),
    );
  });

  test.each([
    ['size', { size: 0 }],
    ['size', { size: 1001 }],
    ['size', { size: 1.5 }],
    ['after', { after: 'nonsense' }],
    ['tags', { tags: 'even' }],
    ['limit', { limit: 10 }],
  ])('refuse a wrong %s', async (option, wrong) => {
    await expect(many().listConsumers(wrong as never)).rejects.toEqual(refused(`listConsumers.${option}`));
    await expect(many().listCredentials(wrong as never)).rejects.toEqual(refused(`listCredentials.${option}`));
  });
});

test.each<[string, unknown]>([
  ['memoryConsumers', {}],
  ['memoryConsumers[0]', [null]],
  ['memoryConsumers[0]', [{}]],
  ['memoryConsumers[0].custom_id', [{ username: 'a', custom_id: 'b' }]],
  ['memoryConsumers[0].credentials', [{ username: 'a', credentials: { key: 'k' } }]],
  ['memoryConsumers[0].jwt_secrets', [{ username: 'a', jwt_secrets: [] }]],
  ['memoryConsumers[1].username', [{ username: 'a' }, { username: 'a' }]],
  ['memoryConsumers[0].credentials[0]', [{ username: 'a', credentials: ['k'] }]],
  ['memoryConsumers[0].credentials[0].secret', [{ username: 'a', credentials: [{ secret: 'short' }] }]],
  ['memoryConsumers[0].groups', [{ username: 'a', groups: [''] }]],
])('seeds: %s is refused by its name', (option, seeds) => {
  expect(() => memoryConsumers(seeds as never)).toThrow(ConfigurationError);
  expect(() => memoryConsumers(seeds as never)).toThrow(expect.objectContaining({ option }));
});
