import { deepEqual, equal } from 'node:assert/strict';
import type { IdentityKey } from '../../users/user-identity.js';
import type { Setting, UserRule } from './setting.js';

/** Registers each of them and asks that all are people of their own. */
async function assertAllDiffer(setting: Setting, keys: readonly IdentityKey[]): Promise<void> {
  const ids: (string | undefined)[] = [];
  for (const key of keys) ids.push((await setting.register(key, {}, { linkByEmail: true })).id);
  equal(new Set(ids).size, keys.length);
  const found = await Promise.all(keys.map((key) => setting.other.find(key)));
  deepEqual(
    found.map((user) => user?.id),
    ids,
  );
}

/** Who is who. */
export const IDENTITY_RULES: readonly UserRule[] = [
  {
    title: 'tells subjects apart by the byte',
    async holds(setting) {
      const subjects = [
        'alice',
        'Alice',
        'alice ',
        ' alice',
        'al\u0131ce',
        'caf\u00e9',
        'cafe\u0301',
        '1',
        '01',
        '1.0',
        'null',
      ];
      await assertAllDiffer(
        setting,
        subjects.map((subject) => setting.key(subject)),
      );
    },
  },
  {
    title: 'tells issuers apart by the byte',
    async holds(setting) {
      const issuers = ['https://a.example', 'https://a.example/', 'https://A.example', 'http://a.example', 'a.example'];
      await assertAllDiffer(
        setting,
        issuers.map((issuer) => setting.key('alice', issuer)),
      );
    },
  },
  {
    title: 'keeps tenant, issuer and subject apart, wherever they are cut',
    async holds(setting) {
      const { tenant } = setting;
      await assertAllDiffer(setting, [
        { tenant, issuer: 'ab', subject: 'c' },
        { tenant, issuer: 'a', subject: 'bc' },
        { tenant: `${tenant}a`, issuer: 'b', subject: 'c' },
        { tenant, issuer: 'a|b', subject: 'c' },
        { tenant, issuer: 'a', subject: 'b|c' },
        { tenant, issuer: 'c', subject: 'ab' },
      ]);
    },
  },
  {
    title: 'keeps the people of tenants apart, their addresses too',
    async holds(setting) {
      const there = { ...setting.key('alice'), tenant: `${setting.tenant}-other` };
      const profile = { email: 'alice@example.com' };
      const { id } = await setting.register(setting.key('alice'), profile);
      const result = await setting.store.provision(setting.input(there, { profile, linkByEmail: true }));
      equal(result.outcome, 'created');
      equal((await setting.store.find(setting.key('alice')))?.id, id);
    },
  },
];
