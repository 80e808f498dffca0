import type { ManagedConsumerStore } from '../consumers/consumer-store.js';
import { CONSUMER_RULES } from './consumer-rules.js';
import { CREDENTIAL_RULES, ROTATION_RULES } from './credential-rules.js';
import { contractOf, type MakeStore } from './store-contract.js';
import type { ContractRule } from './user-contract/rule-context.js';

/**
 * Returns the rules that every consumer store must keep, for any test runner.
 *
 * ```ts
 * for (const { title, run } of consumerStoreContract(() => myStore())) test(title, run);
 * ```
 *
 * @param makeStore creates an empty store for each rule, or `{ store, other }` with a second handle on its data.
 */
export function consumerStoreContract(makeStore: MakeStore<ManagedConsumerStore>): ContractRule[] {
  return contractOf(makeStore, [...CONSUMER_RULES, ...CREDENTIAL_RULES, ...ROTATION_RULES], 'findCredential');
}
