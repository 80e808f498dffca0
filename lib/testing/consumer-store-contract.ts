import type { ManagedConsumerStore } from '../consumers/consumer-store.js';
import { CONSUMER_RULES } from './consumer-rules.js';
import { CREDENTIAL_RULES, ROTATION_RULES } from './credential-rules.js';
import { contractOf, type MakeStore } from './store-contract.js';
import type { ContractRule } from './user-contract/setting.js';

/**
 * The rules that every consumer store must keep, for whatever runs your tests.
 *
 * ```ts
 * for (const { title, run } of consumerStoreContract(() => myStore())) test(title, run);
 * ```
 *
 * @param makeStore makes an empty store for each rule; or `{ store, other }`, with a second handle on the same data.
 */
export function consumerStoreContract(makeStore: MakeStore<ManagedConsumerStore>): ContractRule[] {
  return contractOf(makeStore, [...CONSUMER_RULES, ...CREDENTIAL_RULES, ...ROTATION_RULES], 'findCredential');
}
