import { storeFault } from '../errors/application-code.js';
import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Consumer, ConsumerCredential } from './consumer.js';
import type { ConsumerStore } from './consumer-store.js';
import { credentialKey } from './credential-key.js';
import { validatedConsumer, validatedCredential } from './store-records.js';

/** A credential with its consumer, both validated. */
export interface FoundCredential {
  readonly credential: ConsumerCredential;
  readonly consumer: Consumer;
  /** The consumer object that the store returned, of which `consumer` is a validated copy. */
  readonly record: Consumer;
}

/** Whether a record and its lists are frozen, so that it still says what it said before. */
export function isDeepFrozen(record: Consumer): boolean {
  return Object.isFrozen(record) && [record.groups, record.roles, record.tags].every(Object.isFrozen);
}

/** Validated copies by frozen record: a record that cannot change is validated once. */
const validated = new WeakMap<Consumer, Consumer>();

function consumerOf(record: Consumer): Consumer {
  if (!isDeepFrozen(record)) return validatedConsumer(record);
  const consumer = validated.get(record) ?? validatedConsumer(record);
  validated.set(record, consumer);
  return consumer;
}

/**
 * Finds a credential and its consumer in a store, and validates both.
 * @throws {ServiceUnavailableError} when the store rejects, or returns an invalid record (`store_unavailable`).
 */
export async function findConsumerCredential(store: ConsumerStore, key: string): Promise<FoundCredential | undefined> {
  try {
    const found = (await store.findCredential(key)) ?? undefined;
    if (found === undefined) return undefined;
    const { credential, consumer: record } = found;
    return { credential: validatedCredential(credential), consumer: consumerOf(record), record };
  } catch (cause) {
    throw storeFault('consumers.findCredential', store, cause);
  }
}

/**
 * Imports the key of a stored credential.
 * @throws {ServiceUnavailableError} when the record could never verify a token (`store_unavailable`).
 */
export function usableCredentialKey(credential: ConsumerCredential): VerificationKey {
  try {
    return credentialKey(credential);
  } catch (cause) {
    throw new ServiceUnavailableError('store_unavailable', { cause });
  }
}
