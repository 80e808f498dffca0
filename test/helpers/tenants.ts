import { type AuthEvent, type IssuerOptions, type IssuersResolver, oidcBearer } from '../../lib/index.js';
import { given, type Loose } from './loose.js';
import { AUDIENCE, ISSUER, PROVIDER_PEM } from './oidc-door.js';

/** What a resolver answers for a tenant, by default for the one of `accessToken()`. */
export const tenant = (options: Loose<IssuerOptions> = {}): IssuerOptions =>
  given({ issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM, ...options });

/** A method that asks this resolver, whatever a JavaScript caller may have made of it. */
export const resolvedBy = (issuers: unknown, onEvent: (event: AuthEvent) => void = () => undefined) =>
  oidcBearer({ issuers: issuers as IssuersResolver, exposeReason: true, onEvent });
