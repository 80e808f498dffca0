import { storeFault } from '../errors/application-code.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Consumer, ConsumerCredential } from './consumer.js';
import type { ConsumerStore } from './consumer-store.js';
import { credentialKey } from './credential-key.js';
import { soundConsumer, soundCredential } from './sound-records.js';

/** What a store found, and the consumer's record as the store itself holds it. */
export interface FoundCredential {
  readonly credential: ConsumerCredential;
  readonly consumer: Consumer;
  readonly record: Consumer;
}

/** Whether nobody can change a record any more. What is no list counts as frozen. */
export function isSettled(record: Consumer): boolean {
  return Object.isFrozen(record) && [record.groups, record.roles, record.tags].every(Object.isFrozen);
}

/** Copies of records that nobody can have changed since. */
const sound = new WeakMap<Consumer, Consumer>();

function consumerOf(record: Consumer): Consumer {
  if (!isSettled(record)) return soundConsumer(record);
  const consumer = sound.get(record) ?? soundConsumer(record);
  sound.set(record, consumer);
  return consumer;
}

/**
 * Asks the store.
 * @throws ServiceUnavailableError `store_unavailable` if it rejects, or answers with what is not a record: its
 * trouble is not the caller's.
 */
export async function findConsumerCredential(store: ConsumerStore, key: string): Promise<FoundCredential | undefined> {
  try {
    const found = (await store.findCredential(key)) ?? undefined;
    if (found === undefined) return undefined;
    const { credential, consumer: record } = found;
    return { credential: soundCredential(credential), consumer: consumerOf(record), record };
  } catch (cause) {
    throw storeFault('consumers.findCredential', store, cause);
  }
}

/** The key of a stored credential. @throws ServiceUnavailableError if the record is one that could never verify. */
export function usableCredentialKey(credential: ConsumerCredential): VerificationKey {
  try {
    return credentialKey(credential);
  } catch (cause) {
    throw new ServiceUnavailableError('store_unavailable', { cause });
  }
}
