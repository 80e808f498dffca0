import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../../errors/auth-error.js';
import { unknownIssuer } from '../../errors/token-refusals.js';
import type { ActiveToken } from '../../grants/introspection-answer.js';
import { issuerAuthenticator } from '../../issuers/issuer-authenticator.js';
import { factsOf, type IssuerMethod, identityIssuer } from '../../issuers/issuer-method.js';
import type { IssuerRecord } from '../../issuers/issuer-record.js';
import type { Authenticator } from '../../pipeline/auth-method.js';
import type { Authenticated } from '../../principal/authenticated.js';
import { identified } from '../../principal/token-identity.js';
import type { JoseHeader } from '../../tokens/jose-header.js';
import { assertOpaqueToken, hasJwtForm } from '../../tokens/opaque-token.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { assertClient } from '../../verification/audience-rules.js';
import { assertAudience, assertClaims, assertTimely, type ClaimRules } from '../../verification/claim-rules.js';
import { assertTokenChecks, type TokenChecks } from '../../verification/token-checks.js';
import { assertIntrospectedKind } from '../../verification/token-kind.js';
import type { Introspection, OpaqueFacts } from './introspection-options.js';

const INACTIVE = { problem: 'the introspection endpoint says that the token is not active' };

/** Header that validators receive for an opaque token, which has none. */
const NO_HEADER: JoseHeader = Object.freeze({ alg: 'none' });

/** With `also: 'jwt'` only `active` matters; the signed claims stay authoritative, so no claim is required here. */
const ASIDE: Omit<ClaimRules, 'clockTolerance'> = { requiredClaims: [], maxLifetime: undefined };

/**
 * Checks an answer, and returns its issuer. An answer about another issuer, another kind of token, or with a past time
 * does not vouch for the token.
 */
function assertAnswer({ claims }: ActiveToken, record: IssuerRecord, rules: ClaimRules): string {
  assertClaims(claims, rules);
  const { iss = '' } = claims;
  // Where the answer names none, it has the name under which the issuer is known.
  if (!record.names.has(iss)) throw unknownIssuer(claims.iss, record.names.keys());
  assertIntrospectedKind(claims);
  return identityIssuer(record, iss);
}

function understood(method: IssuerMethod, { record }: Introspection, answer: ActiveToken): OpaqueFacts {
  const issuer = assertAnswer(answer, record, method.rules);
  assertAudience(answer.claims, record.audiences);
  if (record.clients !== undefined) assertClient(answer.claims, record.clients);
  return { facts: { ...factsOf(method, issuer, answer), kind: 'opaque' }, authenticated: undefined };
}

/**
 * Returns the facts of an answer about an opaque token. A new answer must meet the rules for the claims of a JWT; a
 * cached one, only those for times.
 */
function factsIn(method: IssuerMethod, introspection: Introspection, answer: ActiveToken<OpaqueFacts>): OpaqueFacts {
  const isCurrent = answer.derived?.facts.sharesIds === method.issuers.ids.areShared;
  if (answer.derived === undefined || !isCurrent) answer.derived = understood(method, introspection, answer);
  else assertTimely(answer.claims, method.rules);
  return answer.derived;
}

/**
 * Verifies an opaque token by asking its provider.
 * @throws {InvalidTokenError} when the token is refused.
 * @throws {ServiceUnavailableError} when the provider does not answer.
 */
async function verifyOpaque(
  method: IssuerMethod,
  introspection: Introspection,
  { token }: PresentedToken,
  req: AuthRequest,
): Promise<Authenticated> {
  assertOpaqueToken(token);
  const answer = await introspection.client.ask(token);
  // The token is unknown, expired or revoked; the provider does not tell which.
  if (answer === undefined) throw new InvalidTokenError('token_revoked', { detail: INACTIVE });
  const known = factsIn(method, introspection, answer);
  const { facts } = known;
  const { claims, issuer } = facts;
  await introspection.record.assertAudienceOf?.(claims);
  await assertTokenChecks(method.checks, { token, header: NO_HEADER, claims, issuer, req });
  const principal = await method.keyHolder?.(facts);
  if (principal !== undefined) return { principal, identity: undefined };
  known.authenticated ??= identified(facts);
  return known.authenticated;
}

/** Adds introspection to the checks of a JWT, as the last one. */
function checksWith({ client, record }: Introspection, { checks, rules }: IssuerMethod): TokenChecks {
  const aside = { ...ASIDE, clockTolerance: rules.clockTolerance };
  return {
    validators: checks.validators,
    async isRevoked(claims: Readonly<JWTPayload>, context) {
      if (checks.isRevoked !== undefined && (await checks.isRevoked(claims, context)) !== false) return true;
      const answer = await client.ask(context.token);
      if (answer !== undefined) assertAnswer(answer, record, aside);
      return answer === undefined;
    },
  };
}

/**
 * Makes the authenticator of a method that asks its provider about opaque tokens, and about JWTs where `also` is set.
 * @param opaque mapping and rules for the provider's answers.
 */
export function introspectingAuthenticator(
  method: IssuerMethod,
  opaque: Pick<IssuerMethod, 'identify' | 'rules'>,
  introspection: Introspection,
): Authenticator {
  const { client, alsoJwt } = introspection;
  const jwts = issuerAuthenticator(alsoJwt ? { ...method, checks: checksWith(introspection, method) } : method);
  const opaques = { ...method, ...opaque };
  return {
    ...jwts,
    scope: { ...jwts.scope, opaque: true },
    claims: (presented) => (hasJwtForm(presented.token) ? jwts.claims(presented) : 'mine'),
    verify: (presented, req) =>
      hasJwtForm(presented.token) ? jwts.verify(presented, req) : verifyOpaque(opaques, introspection, presented, req),
    ready: async () => void (await Promise.all([jwts.ready(), client.ready()])),
    health: () => [...jwts.health(), client.health()],
    async close() {
      client.close();
      await jwts.close();
    },
  };
}
