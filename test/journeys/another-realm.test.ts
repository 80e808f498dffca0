import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { memoryConsumers, memoryRevocations, memoryUsers } from '../../lib/index.js';
import { door, ISSUER } from '../helpers/oidc-door.js';

/** Evaluates an expression as a test under Jest does where the package is loaded outside: with other built-in classes. */
const elsewhere = <T>(expression: string): T => runInNewContext(expression);

test('dates of another realm are dates', async () => {
  const expiresAt = elsewhere<Date>("new Date('2099-01-01')");
  const secret = 'a secret of thirty-two bytes, at least';
  expect(() => memoryConsumers([{ username: 'a', credentials: [{ key: 'k', secret, expiresAt }] }])).not.toThrow();
  const since = elsewhere<Date>('new Date()');
  await memoryRevocations().revokeSubject({ issuer: ISSUER, subject: 'alice' }, { since });
  const invalid = elsewhere<Date>("new Date('never')");
  expect(() => memoryConsumers([{ username: 'a', credentials: [{ key: 'k', secret, expiresAt: invalid }] }])).toThrow(
    /valid Date/,
  );
});

test('a regular expression of another realm filters groups, and one that remembers its place is refused', () => {
  const filtering = (filter: RegExp) => door({ users: { store: memoryUsers(), groups: { mode: 'mirror', filter } } });
  expect(() => filtering(elsewhere('/^team-/'))).not.toThrow();
  expect(() => filtering(elsewhere('/^team-/g'))).toThrow(/without the flags/);
});
