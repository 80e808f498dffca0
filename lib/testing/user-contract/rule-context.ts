import { equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { IdentityKey } from '../../principal/user-identity.js';
import type { ProvisionInput, ProvisionResult, StoredUser, UserProfile, UserStore } from '../../users/user-store.js';

/** User store for one rule of `userStoreContract`, with further handles on its records. */
export interface UserStoreUnderTest {
  store: UserStore;
  /**
   * A second handle on the records of `store`, as another process has one.
   * @default `store`
   */
  other?: UserStore;
  /**
   * Provisions all inputs at the same time in another process, on the records of `store`.
   * @default no other process takes part
   */
  provisionElsewhere?(inputs: readonly ProvisionInput[]): Promise<readonly ProvisionResult[]>;
  /**
   * A handle on a database that cannot be reached. Stores without a database leave it out.
   * @default undefined (the rule about outages passes)
   */
  unreachable?: UserStore;
  /**
   * Releases the store, after the rule.
   * @default nothing is called
   */
  close?(): Promise<void>;
}

/** Rule that every store must keep. `run` rejects with an `AssertionError` when the store breaks it. */
export interface ContractRule {
  readonly title: string;
  run(): Promise<void>;
}

/** Rule of the user store contract, as a function of a store. */
export interface UserRule {
  readonly title: string;
  holds(context: RuleContext): Promise<void>;
}

export const ISSUER = 'https://login.example.com';
export const OTHER_ISSUER = 'https://id.example.org';
export const ADDRESS = 'alice@example.com';

/** Store and tenant of one rule. Each rule has a tenant of its own, so that records of other rules do not matter. */
export class RuleContext {
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

  /** Builds the input of a provisioning that may create and must not link; `more` replaces members. */
  input(identity: IdentityKey, more: Partial<ProvisionInput> = {}): ProvisionInput {
    return { identity, profile: {}, linkByEmail: false, create: 'active', defaultGroups: [], ...more };
  }

  /** Writes down a user to whom no identity is tied, as an invitation does: one whose only identity was untied. */
  async invite(email: string): Promise<StoredUser> {
    const first = this.key(`invited-${randomUUID()}`);
    const user = await this.register(first, { email });
    await this.store.unlink(user.id, first);
    return user;
  }

  /** Registers a new user with this identity. */
  async register(
    identity: IdentityKey,
    profile: UserProfile = {},
    more: Partial<ProvisionInput> = {},
  ): Promise<StoredUser> {
    return userOf(await this.store.provision(this.input(identity, { profile, ...more })), 'created');
  }
}

/** Asserts the outcome of a provisioning, and returns its user. */
export function userOf(result: ProvisionResult, outcome: 'found' | 'created' | 'linked'): StoredUser {
  equal(outcomeOf(result), outcome);
  if (result.outcome === 'denied') throw new TypeError('a denied provisioning has no user');
  return result.user;
}

/** Outcome of a provisioning, or the reason of its denial. */
export function outcomeOf(result: ProvisionResult): string {
  return result.outcome === 'denied' ? result.reason : result.outcome;
}

/** Reads the stored memberships of a user, sorted. */
export async function groupsOf(store: UserStore, key: IdentityKey): Promise<readonly string[]> {
  return [...((await store.find(key))?.groups ?? [])].sort();
}

/** Counts equal answers. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
