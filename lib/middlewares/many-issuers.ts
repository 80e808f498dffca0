import { ConfigurationError } from '../errors/configuration-error.js';
import type { UsersOption } from '../users/users-options.js';

/**
 * Refuses to take the word of issuers that others run for whose an address is: any tenant of a provider could then
 * write anybody's into its directory and be them (known as nOAuth).
 * @throws ConfigurationError
 */
export function assertNotTrustedTogether(option: string, users: UsersOption | undefined): void {
  if (typeof users !== 'object' || !('linkByEmail' in users) || users.linkByEmail !== 'trusted') return;
  throw new ConfigurationError(
    `${option}.linkByEmail`,
    '"trusted" is said of one issuer, and not of all tenants: give the one its own method',
  );
}
