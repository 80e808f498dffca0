import { settle } from '../../clock/awaitable.js';
import { type AuthError, InvalidTokenError, ServiceUnavailableError } from '../../errors/auth-error.js';
import type { OutageErrorCode, TokenErrorCode } from '../../errors/error-codes.js';
import type { Authenticator } from '../../pipeline/auth-method.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import type { ProviderFacts, Refusal } from './provider-facts.js';

/** Reads what a refused token says, as far as it can be read. */
function refusalOf(error: AuthError, presented: PresentedToken): Refusal {
  const { code, detail, cause } = error;
  const refused = { code, claim: detail?.claim, cause: cause instanceof Error ? cause.message : '' };
  try {
    return { ...refused, ...presented.read() };
  } catch {
    return { ...refused, claims: {}, header: {} };
  }
}

/** Adds the provider's hint to a refusal. */
function explained(thrown: unknown, presented: PresentedToken, { hint: explain }: ProviderFacts): unknown {
  const isToken = thrown instanceof InvalidTokenError;
  if (!isToken && !(thrown instanceof ServiceUnavailableError && thrown.code === 'keys_unavailable')) return thrown;
  const hint = explain?.(refusalOf(thrown, presented));
  if (hint === undefined) return thrown;
  const { code, cause, detail } = thrown;
  const options = { detail: { ...detail, hint }, ...(cause === undefined ? {} : { cause }) };
  // Casts: the class of the error tells which codes it has.
  return isToken
    ? new InvalidTokenError(code as TokenErrorCode, options)
    : new ServiceUnavailableError(code as OutageErrorCode, options);
}

/** Makes an authenticator whose refusals have the provider's hints. */
export function explaining(inner: Authenticator, facts: ProviderFacts): Authenticator {
  const verify: Authenticator['verify'] = (presented, req) =>
    settle(
      () => inner.verify(presented, req),
      (authenticated) => authenticated,
      (thrown): never => {
        throw explained(thrown, presented, facts);
      },
    );
  return { ...inner, verify };
}
