import type { JWTPayload } from 'jose';
import type { ApiKeyStore } from '../../consumers/api-key-store.js';
import { findLiveApiKey } from '../../consumers/find-api-key.js';
import { earlier } from '../../consumers/rotation.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { invalidClaim } from '../../errors/token-refusals.js';
import type { KeyHolder } from '../../issuers/issuer-authenticator.js';
import { assertImplements } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { apiKeyRights } from '../../principal/api-key-rights.js';
import type { ClaimMapping } from '../../principal/claim-mapping.js';
import { type ClaimPath, type ClaimReader, compileClaimPath } from '../../principal/claim-path.js';
import { createPrincipal } from '../../principal/principal.js';
import { compileScopes, type ScopeOptions, type WithImplied } from '../../principal/scope-hierarchy.js';
import { withoutText } from '../../tokens/without-text.js';

/** Options about API keys that stand inside tokens. */
export interface TokenApiKeyOptions {
  /**
   * API keys that a token may carry in a claim (Conduktor). A key that is there decides: the request has its rights
   * and no others, and where it is not good the token is refused, whatever else it says.
   * @default undefined, no key is looked at
   */
  apiKeys?: ApiKeyStore | undefined;
  /**
   * Which claims become which part of the principal; `apiKey` is where `apiKeys` are looked for.
   * @default the standard claims, and `apikey` for `apiKey`
   */
  claims?: (ClaimMapping & { apiKey?: ClaimPath | undefined }) | undefined;
}

const DEFAULT_CLAIM = 'apikey';

/** A missing or null claim is no key; anything else that is no text is a wrong one. */
function keyIn(claims: JWTPayload, read: ClaimReader): string | undefined {
  const key = read(claims) ?? undefined;
  if (key !== undefined && (typeof key !== 'string' || key === ''))
    throw invalidClaim('the API key’s claim', 'is not a text, or empty');
  return key;
}

function keyHolder(apiKeys: ApiKeyStore, read: ClaimReader, withImplied: WithImplied): KeyHolder {
  return async ({ method, issuer, claims, mapped, expiresAt }) => {
    const key = keyIn(claims, read);
    if (key === undefined) return undefined;
    const { credential, ...rights } = apiKeyRights(await findLiveApiKey(apiKeys, key));
    const end = expiresAt === undefined ? undefined : earlier(new Date(expiresAt * 1000), credential.expiresAt);
    return createPrincipal({
      ...rights,
      scopes: withImplied(rights.scopes),
      method,
      issuer,
      ...(mapped.subject === undefined ? {} : { subject: mapped.subject }),
      // The key is a secret, and has no place in a principal. Claims without one member are claims still.
      claims: withoutText(claims, key) as JWTPayload,
      credential: { ...credential, ...(end === undefined ? {} : { expiresAt: end }) },
    });
  };
}

/**
 * Checks the options about API keys, and gives back the mapping without its `apiKey`, which becomes no part of a
 * principal.
 * @throws ConfigurationError
 */
export function resolveTokenApiKey(
  factory: string,
  { apiKeys, claims = {}, scopes }: TokenApiKeyOptions & { readonly scopes?: ScopeOptions | undefined },
): { claims: ClaimMapping; keyHolder?: KeyHolder } {
  const option = `${factory}.claims`;
  // Which names it may have is for the mapping to say.
  checkOptionNames(option, claims, Object.keys(claims ?? {}));
  const { apiKey = DEFAULT_CLAIM, ...mapping } = claims;
  if (apiKeys === undefined) {
    if (claims.apiKey !== undefined) throw new ConfigurationError(`${option}.apiKey`, 'goes with apiKeys');
    return { claims: mapping };
  }
  assertImplements(`${factory}.apiKeys`, apiKeys, ['findApiKey']);
  const read = compileClaimPath(`${option}.apiKey`, apiKey);
  return { claims: mapping, keyHolder: keyHolder(apiKeys, read, compileScopes(`${factory}.scopes`, scopes)) };
}
