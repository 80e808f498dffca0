import type { JWTPayload } from 'jose';
import type { ApiKeyStore } from '../../consumers/api-key-store.js';
import { findLiveApiKey } from '../../consumers/find-api-key.js';
import { earlier } from '../../consumers/rotation.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { invalidClaim } from '../../errors/token-refusals.js';
import type { KeyHolder } from '../../issuers/issuer-method.js';
import { assertImplements } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { apiKeyRights } from '../../principal/api-key-rights.js';
import { type ClaimPath, type ClaimReader, compileClaimPath } from '../../principal/claim-path.js';
import type { ClaimMapping } from '../../principal/mapped-claims.js';
import { createPrincipal } from '../../principal/principal.js';
import { compileScopes, type ScopeOptions, type WithImplied } from '../../principal/scope-hierarchy.js';
import { withoutText } from '../../tokens/without-text.js';

/** Options for API keys inside tokens. */
export interface TokenApiKeyOptions {
  /**
   * Store of API keys that a token may contain in a claim (Conduktor). A key in the token decides: the request has the
   * key's rights and no others, and a bad key refuses the token.
   * @default undefined, keys in tokens are ignored
   */
  apiKeys?: ApiKeyStore | undefined;
  /**
   * Claims by the member of the principal that they become; `apiKey` is the path of the API key.
   * @default the standard claims, and `apikey` for `apiKey`
   */
  claims?:
    | (ClaimMapping & {
        /**
         * Path of the claim that contains the API key.
         * @default 'apikey'
         */
        apiKey?: ClaimPath | undefined;
      })
    | undefined;
}

const DEFAULT_CLAIM = 'apikey';

/**
 * Returns the API key in a token; `undefined` where the claim is missing or null.
 * @throws {InvalidTokenError} `claim_invalid` when it is not a non-empty text.
 */
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
      // The key is a secret, so the principal's claims are copied without it. Cast: claims without one member are
      // claims still.
      claims: withoutText(claims, key) as JWTPayload,
      credential: { ...credential, ...(end === undefined ? {} : { expiresAt: end }) },
    });
  };
}

/**
 * Resolves {@link TokenApiKeyOptions}, and returns the mapping without `apiKey`, which is no member of a principal.
 * @throws {ConfigurationError} when an option is wrong.
 */
export function resolveTokenApiKey(
  factory: string,
  { apiKeys, claims = {}, scopes }: TokenApiKeyOptions & { readonly scopes?: ScopeOptions | undefined },
): { claims: ClaimMapping; keyHolder?: KeyHolder } {
  const option = `${factory}.claims`;
  // The mapping checks the names itself; here it only has to be an object.
  checkOptionNames(option, claims, Object.keys(claims ?? {}));
  const { apiKey = DEFAULT_CLAIM, ...mapping } = claims;
  if (apiKeys === undefined) {
    if (claims.apiKey !== undefined) throw new ConfigurationError(`${option}.apiKey`, 'goes with apiKeys');
    return { claims: mapping };
  }
  assertImplements(`${factory}.apiKeys`, apiKeys, ['findApiKey'], 'memoryApiKeys()');
  const read = compileClaimPath(`${option}.apiKey`, apiKey);
  return { claims: mapping, keyHolder: keyHolder(apiKeys, read, compileScopes(`${factory}.scopes`, scopes)) };
}
