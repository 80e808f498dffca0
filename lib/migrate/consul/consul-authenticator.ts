import type { JWTPayload } from 'jose';
import { unknownIssuer, wrongAudience } from '../../errors/token-refusals.js';
import type { OnEvent } from '../../events/auth-event.js';
import type { Authenticator } from '../../pipeline/auth-method.js';
import type { Authenticated } from '../../principal/authenticated.js';
import type { MappedClaims } from '../../principal/mapped-claims.js';
import { createPrincipal } from '../../principal/principal.js';
import { tokenPrincipal } from '../../principal/token-identity.js';
import { VerifiedIdentity } from '../../principal/user-identity.js';
import type { TokenClaims } from '../../tokens/compact-token.js';
import { fromBearer } from '../../tokens/from-header.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import { assertTokenKind, assertWafKind } from '../../verification/token-kind.js';
import { verifyWithSource } from '../../verification/verify-with-source.js';
import type { AcceptsAudience } from './audience-rule.js';
import type { RolesOf } from './binding-rules.js';
import type { CheckTimes } from './token-times.js';
import type { Trust } from './trust.js';

/** An auth method of Consul, as its configuration resolves. */
export interface ConsulMethod {
  readonly name: string;
  readonly trust: Trust;
  readonly boundAudiences: readonly string[];
  readonly acceptsAudience: AcceptsAudience;
  readonly checkTimes: CheckTimes;
  readonly mapClaims: (content: TokenClaims) => MappedClaims;
  readonly rolesOf: RolesOf;
  readonly listeners: readonly OnEvent[];
}

/** Whether the token's issuer is the bound one. Where none is bound, any issuer will do. */
function acceptsIssuer({ issuer }: Trust, claims: JWTPayload): boolean {
  return issuer === undefined || claims.iss === issuer;
}

/** Makes the principal. Without `iss`, which Consul does not ask for, the auth method's name takes its place in the id. */
function authenticatedBy(
  method: ConsulMethod,
  claims: JWTPayload,
  facts: { mapped: MappedClaims; roles: readonly string[]; expiresAt: number | undefined },
): Authenticated {
  const { iss } = claims;
  // Consul accepts tokens without a subject.
  const subjects = (facts.mapped.subject ?? '') === '' ? 'client' : 'auto';
  const principal = tokenPrincipal({ method: method.name, issuer: iss ?? method.name, claims, subjects, ...facts });
  if (iss === undefined) {
    const { issuer: _standIn, ...others } = principal;
    return { principal: createPrincipal(others), identity: undefined };
  }
  const identity = principal.type === 'user' ? VerifiedIdentity.of(iss, facts.mapped, claims) : undefined;
  return { principal, identity };
}

async function verify(method: ConsulMethod, presented: PresentedToken): Promise<Authenticated> {
  const jws = presented.read();
  const { header, claims } = jws;
  const expiresAt = method.checkTimes(claims);
  if (!acceptsIssuer(method.trust, claims)) throw unknownIssuer(claims.iss, [method.trust.issuer ?? []].flat());
  if (!method.acceptsAudience(claims)) throw wrongAudience(claims.aud, method.boundAudiences);
  await verifyWithSource(jws, method.trust.keys);
  // An ID token names the client that it is for, so it may pass where an audience is bound, as in Consul.
  if (method.boundAudiences.length > 0) assertWafKind(header, claims);
  else assertTokenKind({ header, claims }, { profile: 'any', accepts: 'access-token' });
  const mapped = method.mapClaims(jws);
  return authenticatedBy(method, claims, { mapped, roles: method.rolesOf(mapped), expiresAt });
}

/** How `jwtAuth` finds the method that a token belongs to. Without a bound issuer, a token that nobody names may be its own. */
function routing(method: ConsulMethod): Pick<Authenticator, 'claims' | 'scope'> {
  const { boundAudiences, acceptsAudience } = method;
  const { issuer, keys } = method.trust;
  if (issuer === undefined) {
    const claims = async (presented: PresentedToken) => {
      const found = await keys.find(presented.read().header);
      return found.length > 0 ? 'maybe' : 'no';
    };
    return { scope: { asked: 'last' }, claims };
  }
  const audiences = boundAudiences.length === 0 ? undefined : boundAudiences;
  return {
    scope: { issuers: new Set([issuer]), audiences },
    claims({ content: { claims } }) {
      if (claims.iss !== issuer) return 'no';
      return acceptsAudience(claims) ? 'mine' : 'maybe';
    },
  };
}

/** Makes the authenticator of an auth method of Consul: bearer tokens, with the roles that binding rules give. */
export function consulAuthenticator(method: ConsulMethod): Authenticator {
  const { keys } = method.trust;
  return {
    name: method.name,
    sources: [fromBearer()],
    stripCredential: false,
    listeners: method.listeners,
    ...routing(method),
    verify: (presented) => verify(method, presented),
    ready: () => keys.ready(),
    health: () => [keys.health()],
    close: async () => keys.close(),
  };
}
