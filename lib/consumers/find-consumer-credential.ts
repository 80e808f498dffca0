import { ServiceUnavailableError } from '../errors/auth-error.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { Consumer, ConsumerCredential } from './consumer.js';
import type { ConsumerStore } from './consumer-store.js';
import { credentialKey } from './credential-key.js';
import { soundConsumer, soundCredential } from './sound-records.js';

/**
 * Asks the store.
 * @throws ServiceUnavailableError `store_unavailable` if it rejects, or answers with what is not a record: its
 * trouble is not the caller's.
 */
export async function findConsumerCredential(
  store: ConsumerStore,
  key: string,
): Promise<{ credential: ConsumerCredential; consumer: Consumer } | undefined> {
  try {
    const found = (await store.findCredential(key)) ?? undefined;
    return found && { credential: soundCredential(found.credential), consumer: soundConsumer(found.consumer) };
  } catch (cause) {
    throw new ServiceUnavailableError('store_unavailable', { cause });
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
