import { ConfigurationError } from '../../errors/configuration-error.js';
import type { HmacAlgorithm } from '../../keys/algorithms.js';
import type { KeySource } from '../../keys/key-source.js';
import { type SharedSecret, sharedSecretKeys } from '../../keys/shared-secret-keys.js';

/** More secrets than are tried for one token, so that the last would never verify anything. */
const MAX_SECRETS = 8;

/**
 * Opens secrets for tokens whose `kid` may be unknown: all secrets are trusted alike, so that a `kid` only says which to try.
 *
 * @throws {ConfigurationError} when there is none, one is too short, or there are too many.
 */
export function resolveSecrets(
  option: string,
  secret: SharedSecret | readonly SharedSecret[] | undefined,
  algorithms: readonly HmacAlgorithm[],
): KeySource {
  if (secret === undefined)
    throw new ConfigurationError(option, 'is required: the secret that signs the tokens, or a list of secrets');
  const secrets: readonly SharedSecret[] = Array.isArray(secret) ? secret : [secret];
  if (secrets.length > MAX_SECRETS)
    throw new ConfigurationError(
      option,
      `expects at most ${MAX_SECRETS} secrets, which are all that are tried for a token`,
    );
  // Each secret is long enough for each algorithm, or a token that should pass would be refused.
  for (const algorithm of algorithms) sharedSecretKeys(option, secret, [algorithm]);
  const source = sharedSecretKeys(option, secret, algorithms);
  const named = new Set(secrets.flatMap((each) => (typeof each === 'object' && 'kid' in each ? [each.kid] : [])));
  return {
    ...source,
    find({ kid, ...header }) {
      return source.find(kid !== undefined && named.has(kid) ? { ...header, kid } : header);
    },
  };
}
