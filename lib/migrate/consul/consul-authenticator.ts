import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../../errors/auth-error.js';
import { unknownIssuer, wrongAudience } from '../../errors/token-refusals.js';
import type { OnEvent } from '../../events/auth-event.js';
import type { Authenticator } from '../../pipeline/authenticator.js';
import type { Authenticated } from '../../principal/authenticated.js';
import type { MappedClaims } from '../../principal/claim-mapping.js';
import { createPrincipal } from '../../principal/principal.js';
import { tokenPrincipal } from '../../principal/token-identity.js';
import { VerifiedIdentity } from '../../principal/user-identity.js';
import type { TokenClaims } from '../../tokens/compact-token.js';
import { fromBearer } from '../../tokens/from-header.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import { assertTokenKind } from '../../verification/token-kind.js';
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

/** The token's issuer, unless the method is bound to another. Which one says it does not matter where none is bound. */
function acceptsIssuer({ issuer }: Trust, claims: JWTPayload): boolean {
  return issuer === undefined || claims.iss === issuer;
}

/** Consul asks for no issuer; the auth method's name then takes its place in the id, and nowhere else. */
function authenticatedBy(
  method: ConsulMethod,
  claims: JWTPayload,
  facts: { mapped: MappedClaims; roles: readonly string[]; expiresAt: number | undefined },
): Authenticated {
  const { iss } = claims;
  const principal = tokenPrincipal({ method: method.name, issuer: iss ?? method.name, claims, ...facts });
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
  assertTokenKind(header, claims, 'any');
  const mapped = method.mapClaims(jws);
  return authenticatedBy(method, claims, { mapped, roles: method.rolesOf(mapped), expiresAt });
}

/** A method without a bound issuer names nobody; a token that nobody names is its own if it knows the key. */
async function knowsKey({ keys }: Trust, presented: PresentedToken): Promise<boolean> {
  try {
    return (await keys.find(presented.read().header)).length > 0;
  } catch (error) {
    if (InvalidTokenError.is(error)) return false;
    throw error;
  }
}

/** How `jwtAuth` finds the method that a token belongs to. */
function routing(method: ConsulMethod): Pick<Authenticator, 'names' | 'addresses' | 'territory' | 'knows'> {
  const { trust, boundAudiences, acceptsAudience } = method;
  const { issuer } = trust;
  if (issuer === undefined) return { names: () => false, knows: (presented) => knowsKey(trust, presented) };
  const audiences = boundAudiences.length === 0 ? undefined : boundAudiences;
  return {
    territory: { issuers: new Set([issuer]), audiences },
    names: (presented) => presented.content.claims.iss === issuer,
    addresses: (presented) => acceptsAudience(presented.content.claims),
  };
}

/** The inner side of an auth method of Consul: bearer tokens in, principals with the roles of the binding rules out. */
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
