import { storeFault } from '../errors/application-code.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { MAX_TOKEN_BYTES, tooLarge } from '../tokens/compact-token.js';
import type { ApiKey } from './api-key.js';
import type { ApiKeyStore } from './api-key-store.js';
import { assertLive } from './credential-key.js';
import { validatedApiKey } from './store-records.js';

const UNKNOWN = { detail: { problem: 'the store has no such API key' } };

async function ask(store: ApiKeyStore, key: string): Promise<ReturnType<typeof validatedApiKey> | undefined> {
  try {
    const found: ApiKey | undefined = (await store.findApiKey(key)) ?? undefined;
    return found && validatedApiKey(found);
  } catch (cause) {
    throw storeFault('keys.findApiKey', store, cause);
  }
}

/**
 * Finds the record of a presented key that may be used now.
 * @throws {InvalidTokenError} when the key is unknown (`credential_unknown`), disabled or expired
 * (`credential_disabled`), or too long to be looked up (`token_too_large`).
 * @throws {ServiceUnavailableError} when the store rejects, or returns an invalid record (`store_unavailable`).
 */
export async function findLiveApiKey(store: ApiKeyStore, key: string): Promise<ReturnType<typeof validatedApiKey>> {
  if (key.length > MAX_TOKEN_BYTES) throw tooLarge(MAX_TOKEN_BYTES);
  const found = await ask(store, key);
  if (found === undefined) throw new InvalidTokenError('credential_unknown', UNKNOWN);
  assertLive('the API key', found);
  return found;
}
