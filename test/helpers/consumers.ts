import { type ManagedConsumerStore, memoryConsumers } from '../../lib/index.js';
import { HOWTO, hs256, inSeconds } from './tokens.js';

/** Second API client, for tests in which two could be confused. */
export const PARTNER = {
  username: 'partner',
  key: 'partner-key',
  secret: 'a secret of the partner, 32 bytes long',
};

type Named = Pick<typeof HOWTO, 'username' | 'key' | 'secret'>;

/** A store with the consumers given, each with its one credential. */
export function consumersOf(...all: readonly Named[]): ManagedConsumerStore {
  return memoryConsumers(all.map(({ username, key, secret }) => ({ username, credentials: [{ key, secret }] })));
}

export const howtoConsumers = () => consumersOf(HOWTO);

/** A good token of any consumer. */
export function tokenOf({ key, secret }: Named, claims: Record<string, unknown> = {}): string {
  return hs256({ iss: key, exp: inSeconds(300), ...claims }, { secret });
}
