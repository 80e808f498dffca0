import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { memoryUsers, type UserStore } from '../../lib/index.js';
import { namesOf } from '../../lib/options/option-names.js';
import { userStoreContract } from '../../lib/testing/index.js';

const PAGE = readFileSync('docs/user-store.md', 'utf8');

/** The methods of a store as the type has them; the compiler knows when one is missing here. */
const METHODS = namesOf<UserStore>()({
  find: true,
  provision: true,
  link: true,
  unlink: true,
  syncProfile: true,
  syncGroups: true,
  setStatus: true,
  subscribe: true,
});

describe('the page on user stores', () => {
  test('has a row for each method, and for nothing else', () => {
    const rows = [...PAGE.matchAll(/^\| `(\w+)\(/gm)].map(([, name]) => name);
    expect(rows).toEqual([...METHODS]);
  });

  test('names methods that a store has', () => {
    const store = memoryUsers();
    for (const name of METHODS) expect(typeof store[name]).toBe('function');
  });

  test('runs a suite that has rules', async () => {
    const rules = userStoreContract(() => memoryUsers());
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.every(({ title, run }) => title !== '' && typeof run === 'function')).toBe(true);
  });
});
