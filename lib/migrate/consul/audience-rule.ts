import type { JWTPayload } from 'jose';
import { isForAudience } from '../../verification/claim-rules.js';
import type { ConsulConfig } from './consul-config.js';
import type { Trust } from './trust.js';

/** Says whether a token is for this auth method. */
export type AcceptsAudience = (claims: JWTPayload) => boolean;

/**
 * Compiles the rule for `aud`. Of bound audiences one is enough. Where none is bound, discovery accepts any audience;
 * with other keys a token that names one was meant for somebody else, and only a token without `aud` passes.
 */
export function compileAudience({ isDiscovered }: Trust, { boundAudiences }: ConsulConfig): AcceptsAudience {
  if (boundAudiences.length > 0) return (claims) => isForAudience(claims, boundAudiences);
  return isDiscovered ? () => true : ({ aud }) => aud === undefined;
}
