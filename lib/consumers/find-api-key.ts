import { storeFault } from '../errors/application-code.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { MAX_TOKEN_BYTES } from '../tokens/compact-token.js';
import type { ApiKey } from './api-key.js';
import type { ApiKeyStore } from './api-key-store.js';
import { isLive } from './credential-key.js';
import { soundApiKey } from './sound-records.js';

async function ask(store: ApiKeyStore, key: string): Promise<ReturnType<typeof soundApiKey> | undefined> {
  try {
    const found: ApiKey | undefined = (await store.findApiKey(key)) ?? undefined;
    return found && soundApiKey(found);
  } catch (cause) {
    throw storeFault('keys.findApiKey', store, cause);
  }
}

/**
 * The record of a key that may be used now.
 * @throws InvalidTokenError `credential_unknown`, `credential_disabled` or `token_too_large`.
 * @throws ServiceUnavailableError `store_unavailable` if the store rejects, or answers with what is not a record:
 * its trouble is not the caller's.
 */
export async function findLiveApiKey(store: ApiKeyStore, key: string): Promise<ReturnType<typeof soundApiKey>> {
  if (key.length > MAX_TOKEN_BYTES) throw new InvalidTokenError('token_too_large');
  const found = await ask(store, key);
  if (found === undefined) throw new InvalidTokenError('credential_unknown');
  if (!isLive(found)) throw new InvalidTokenError('credential_disabled');
  return found;
}
