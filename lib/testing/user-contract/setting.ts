import { equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { IdentityKey } from '../../users/user-identity.js';
import type { ProvisionInput, ProvisionResult, StoredUser, UserProfile, UserStore } from '../../users/user-store.js';

/** What a `makeStore` gives to `userStoreContract`: a store, and other ways to the same records. */
export interface UserStoreUnderTest {
  store: UserStore;
  /** A second handle on the same records, as another process would have one. Default: the store itself. */
  other?: UserStore;
  /** Has another process provision all of these at once on the same records. */
  provisionElsewhere?(inputs: readonly ProvisionInput[]): Promise<readonly ProvisionResult[]>;
  /** A handle whose records cannot be reached. A store that has nothing to reach, as one in memory, leaves it out. */
  unreachable?: UserStore;
  /** Gives back what the store holds, after each rule. */
  close?(): Promise<void>;
}

/** One thing that every store does. `run` rejects with an `AssertionError` where one does not. */
export interface ContractRule {
  readonly title: string;
  run(): Promise<void>;
}

/** A rule, before there is a store. */
export interface UserRule {
  readonly title: string;
  holds(setting: Setting): Promise<void>;
}

export const ISSUER = 'https://login.example.com';
export const OTHER_ISSUER = 'https://id.example.org';
export const ADDRESS = 'alice@example.com';

/** Where a rule plays: a tenant of its own, so that nothing another rule left behind is in its way. */
export class Setting {
  readonly store: UserStore;
  readonly other: UserStore;
  readonly underTest: UserStoreUnderTest;
  readonly tenant = `contract-${randomUUID()}`;

  constructor(underTest: UserStoreUnderTest) {
    this.underTest = underTest;
    this.store = underTest.store;
    this.other = underTest.other ?? underTest.store;
  }

  key(subject: string, issuer = ISSUER): IdentityKey {
    return { tenant: this.tenant, issuer, subject };
  }

  /** A provisioning that may create and may not link, unless told otherwise. */
  input(identity: IdentityKey, more: Partial<ProvisionInput> = {}): ProvisionInput {
    return { identity, profile: {}, linkByEmail: false, create: 'active', defaultGroups: [], ...more };
  }

  /** A new user with this identity. */
  async register(
    identity: IdentityKey,
    profile: UserProfile = {},
    more: Partial<ProvisionInput> = {},
  ): Promise<StoredUser> {
    return userOf(await this.store.provision(this.input(identity, { profile, ...more })), 'created');
  }
}

/** The user of a provisioning that came out as it should. */
export function userOf(result: ProvisionResult, outcome: 'found' | 'created' | 'linked'): StoredUser {
  equal(outcomeOf(result), outcome);
  if (result.outcome === 'denied') throw new TypeError('a denied provisioning has no user');
  return result.user;
}

/** How a provisioning came out, in a word. */
export function outcomeOf(result: ProvisionResult): string {
  return result.outcome === 'denied' ? result.reason : result.outcome;
}

/** The memberships that are stored, in order. */
export async function groupsOf(store: UserStore, key: IdentityKey): Promise<readonly string[]> {
  return [...((await store.find(key))?.groups ?? [])].sort();
}

/** How often each answer was given. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
