import { deepEqual, equal } from 'node:assert/strict';
import type { IdentityKey } from '../../principal/user-identity.js';
import type { RuleContext, UserRule } from './rule-context.js';

/** Registers each identity, and asserts that every one gets a user of its own. */
async function assertAllDiffer(context: RuleContext, keys: readonly IdentityKey[]): Promise<void> {
  const ids: (string | undefined)[] = [];
  for (const key of keys) ids.push((await context.register(key, {}, { linkByEmail: true })).id);
  equal(new Set(ids).size, keys.length);
  const found = await Promise.all(keys.map((key) => context.other.find(key)));
  deepEqual(
    found.map((user) => user?.id),
    ids,
  );
}

/** Rules about telling identities apart. */
export const IDENTITY_RULES: readonly UserRule[] = [
  {
    title: 'tells subjects apart by the byte',
    async holds(context) {
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
        context,
        subjects.map((subject) => context.key(subject)),
      );
    },
  },
  {
    title: 'tells issuers apart by the byte',
    async holds(context) {
      const issuers = ['https://a.example', 'https://a.example/', 'https://A.example', 'http://a.example', 'a.example'];
      await assertAllDiffer(
        context,
        issuers.map((issuer) => context.key('alice', issuer)),
      );
    },
  },
  {
    title: 'keeps tenant, issuer and subject apart, wherever they are cut',
    async holds(context) {
      const { tenant } = context;
      await assertAllDiffer(context, [
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
    async holds(context) {
      const there = { ...context.key('alice'), tenant: `${context.tenant}-other` };
      const profile = { email: 'alice@example.com' };
      const { id } = await context.register(context.key('alice'), profile);
      const result = await context.store.provision(context.input(there, { profile, linkByEmail: true }));
      equal(result.outcome, 'created');
      equal((await context.store.find(context.key('alice')))?.id, id);
    },
  },
];
