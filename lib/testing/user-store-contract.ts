import type { UserStore } from '../users/user-store.js';
import { ADDRESS_RULES } from './user-contract/address-rules.js';
import { GROUP_RULES } from './user-contract/group-rules.js';
import { IDENTITY_RULES } from './user-contract/identity-rules.js';
import { LINK_RULES } from './user-contract/link-rules.js';
import { PROFILE_RULES } from './user-contract/profile-rules.js';
import { REGISTRATION_RULES } from './user-contract/registration-rules.js';
import {
  type ContractRule,
  RuleContext,
  type UserRule,
  type UserStoreUnderTest,
} from './user-contract/rule-context.js';
import { STATUS_RULES } from './user-contract/status-rules.js';

const RULES: readonly UserRule[] = [
  ...REGISTRATION_RULES,
  ...IDENTITY_RULES,
  ...ADDRESS_RULES,
  ...LINK_RULES,
  ...STATUS_RULES,
  ...GROUP_RULES,
  ...PROFILE_RULES,
];

/** Result of `makeStore`: a store, or a store with further handles on its records. */
type Made = UserStore | UserStoreUnderTest;

/**
 * Returns the rules that every user store must keep, for any test runner. Each rule gets its store from `makeStore`,
 * uses a tenant of its own, and closes the store. `makeStore` may return a new store or one and the same.
 *
 * ```ts
 * const rules = userStoreContract(async () => ({ store: myStore(pool), other: myStore(secondPool) }));
 * for (const { title, run } of rules) test(title, run);
 * ```
 *
 * A store alone is enough. With `other`, a second handle, the rules about races test the database and not one process
 * alone; with `provisionElsewhere`, another process takes part in them. The rule about outages needs `unreachable`.
 */
export function userStoreContract(makeStore: () => Made | Promise<Made>): readonly ContractRule[] {
  return RULES.map(({ title, holds }) => ({
    title,
    async run() {
      const made = await makeStore();
      const underTest: UserStoreUnderTest = 'provision' in made ? { store: made } : made;
      try {
        await holds(new RuleContext(underTest));
      } finally {
        await underTest.close?.();
      }
    },
  }));
}
