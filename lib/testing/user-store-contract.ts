import type { UserStore } from '../users/user-store.js';
import { ADDRESS_RULES } from './user-contract/address-rules.js';
import { GROUP_RULES } from './user-contract/group-rules.js';
import { IDENTITY_RULES } from './user-contract/identity-rules.js';
import { LINK_RULES } from './user-contract/link-rules.js';
import { PROFILE_RULES } from './user-contract/profile-rules.js';
import { REGISTRATION_RULES } from './user-contract/registration-rules.js';
import { type ContractRule, Setting, type UserRule, type UserStoreUnderTest } from './user-contract/setting.js';
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

/** A store alone, or with other ways to the same records. */
type Made = UserStore | UserStoreUnderTest;

/**
 * What every user store does, as rules for any test runner. Each rule asks `makeStore` for a store, plays in a tenant
 * of its own and closes the store, so a store may be new each time or the same.
 *
 * ```ts
 * const rules = userStoreContract(async () => ({ store: myStore(pool), other: myStore(secondPool) }));
 * for (const { title, run } of rules) test(title, run);
 * ```
 *
 * A store alone will do. The second handle is what tells a race that a database decides from one that only a process decides; give a
 * `provisionElsewhere` too, and another process joins in, and an `unreachable` store for the rule about outages.
 */
export function userStoreContract(makeStore: () => Made | Promise<Made>): readonly ContractRule[] {
  return RULES.map(({ title, holds }) => ({
    title,
    async run() {
      const made = await makeStore();
      const underTest: UserStoreUnderTest = 'provision' in made ? { store: made } : made;
      try {
        await holds(new Setting(underTest));
      } finally {
        await underTest.close?.();
      }
    },
  }));
}
