import type { JWTPayload } from 'jose';
import { isForAudience } from '../../verification/claim-rules.js';
import type { ConsulConfig } from './consul-config.js';
import type { Trust } from './trust.js';

/** Whether a token is for this auth method. */
export type AcceptsAudience = (claims: JWTPayload) => boolean;

/**
 * Bound audiences: one of them is enough. None bound: with discovery any audience will do; otherwise a token that
 * names an audience was meant for somebody else, and only one that names none passes.
 */
export function compileAudience({ isDiscovered }: Trust, { boundAudiences }: ConsulConfig): AcceptsAudience {
  if (boundAudiences.length > 0) return (claims) => isForAudience(claims, boundAudiences);
  return isDiscovered ? () => true : ({ aud }) => aud === undefined;
}
