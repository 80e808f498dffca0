import { type AuthEvent, type IssuersAnswer, type IssuersResolver, oidcBearer } from '../../lib/index.js';
import { given, type Loose } from './loose.js';
import { AUDIENCE, ISSUER, PROVIDER_PEM } from './oidc-door.js';

/** Makes the answer of a resolver for a tenant, by default the one of `accessToken()`. */
export const tenant = (options: Loose<IssuersAnswer> = {}): IssuersAnswer =>
  given({ issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM, ...options });

/** Makes a method over a resolver, of any shape that JavaScript allows. */
export const resolvedBy = (issuers: unknown, onEvent: (event: AuthEvent) => void = () => undefined) =>
  oidcBearer({ issuers: issuers as IssuersResolver, exposeReason: true, onEvent });
