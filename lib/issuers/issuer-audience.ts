import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { type AssertAudienceOf, type AudienceCheck, compileAudienceCheck } from '../verification/audience-rules.js';
import { assertAudiences } from './issuer-texts.js';

/** Who an issuer's tokens must be for. */
export interface AudienceOptions {
  /**
   * Who tokens must be for; one of several is enough. A function decides by itself: it gets all audiences of a verified
   * token, none where the claim is absent, null or empty. `null`: not checked, said aloud.
   */
  audience: string | readonly string[] | AudienceCheck | null;
  /**
   * Clients that tokens must be issued to, for providers that write no audience (Cognito): compared with the first of
   * `client_id`, `azp`, `appid` and `cid` that is there. Another client, or none, is `audience_mismatch`.
   * @default undefined, whoever the client is
   */
  clients?: readonly string[] | undefined;
}

/** Resolved {@link AudienceOptions}. */
export interface AudienceRules {
  /** `undefined`: every audience, as far as no function decides. */
  readonly audiences: readonly string[] | undefined;
  /** What a function of the application decides about verified tokens. */
  readonly assertAudienceOf: AssertAudienceOf | undefined;
  readonly clients: readonly string[] | undefined;
}

function namesIn(option: string, names: unknown): readonly string[] {
  assertStrings(option, names);
  assertAudiences(option, names);
  return [...names];
}

/**
 * Resolves {@link AudienceOptions}.
 * @throws {ConfigurationError} when the audience is missing or wrong, or a list is empty.
 */
export function resolveAudience(factory: string, { audience, clients }: Partial<AudienceOptions>): AudienceRules {
  const option = `${factory}.audience`;
  if (audience === undefined) {
    throw new ConfigurationError(
      option,
      'is required: a string, an array of strings, a function, or null to say that it is not checked',
    );
  }
  if (typeof audience === 'string') assertNonEmptyString(option, audience);
  const isList = audience !== null && typeof audience !== 'function';
  return {
    audiences: isList ? namesIn(option, typeof audience === 'string' ? [audience] : audience) : undefined,
    assertAudienceOf: typeof audience === 'function' ? compileAudienceCheck(option, audience) : undefined,
    clients: clients === undefined ? undefined : namesIn(`${factory}.clients`, clients),
  };
}
