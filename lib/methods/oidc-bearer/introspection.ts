import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../../errors/auth-error.js';
import { unknownIssuer } from '../../errors/token-refusals.js';
import type { ActiveToken } from '../../grants/introspection-answer.js';
import { factsOf, type IssuerMethod, identified, issuerAuthenticator } from '../../issuers/issuer-authenticator.js';
import type { IssuerRecord } from '../../issuers/issuer-record.js';
import type { Authenticator, PresentedToken } from '../../pipeline/authenticator.js';
import type { Principal } from '../../principal/principal.js';
import type { TokenFacts } from '../../principal/token-identity.js';
import type { JoseHeader } from '../../tokens/jose-header.js';
import { assertOpaqueToken, hasJwtForm } from '../../tokens/opaque-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { assertAudience, assertClaims, assertTimely, type ClaimRules } from '../../verification/claim-rules.js';
import { assertTokenChecks, type TokenChecks } from '../../verification/token-checks.js';
import { assertIntrospectedKind } from '../../verification/token-kind.js';
import type { Introspection } from './introspection-options.js';

const INACTIVE = { problem: 'the introspection endpoint says that the token is not active' };

/** What validators see of an opaque token, which has no header. */
const NO_HEADER: JoseHeader = Object.freeze({ alg: 'none' });

/** What the provider says of a JWT is not what the application goes by, so nothing needs to stand in it. */
const ASIDE: Omit<ClaimRules, 'clockTolerance'> = { requiredClaims: [], maxLifetime: undefined };

/** An answer about a token of another issuer, of another kind, or out of time vouches for nothing. */
function assertAnswer({ claims }: ActiveToken, { issuers }: IssuerRecord, rules: ClaimRules): string {
  assertClaims(claims, rules);
  const { iss = '' } = claims;
  if (!issuers.has(iss)) throw unknownIssuer(claims.iss, issuers);
  assertIntrospectedKind(claims);
  return iss;
}

function understood(method: IssuerMethod, { record }: Introspection, answer: ActiveToken): TokenFacts {
  const issuer = assertAnswer(answer, record, method.rules);
  assertAudience(answer.claims, record.audiences);
  return { ...factsOf(method, issuer, answer.claims), kind: 'opaque' };
}

/** The judgement of an opaque token: what the provider says of it is held to the rules of a JWT's claims. */
function opaqueJudge(method: IssuerMethod, introspection: Introspection) {
  // What follows from an answer and nothing else leaves with the answer.
  const known = new WeakMap<ActiveToken, TokenFacts>();
  const principals = new WeakMap<TokenFacts, Principal>();
  function factsIn(answer: ActiveToken): TokenFacts {
    const before = known.get(answer);
    if (before !== undefined) {
      assertTimely(answer.claims, method.rules);
      return before;
    }
    const facts = understood(method, introspection, answer);
    known.set(answer, facts);
    return facts;
  }
  function principalOf(facts: TokenFacts): Principal {
    const principal = principals.get(facts) ?? identified(facts);
    principals.set(facts, principal);
    return principal;
  }
  return async ({ token }: PresentedToken, req: AuthRequest): Promise<Principal> => {
    assertOpaqueToken(token);
    const answer = await introspection.client.ask(token);
    // Unknown, ended or withdrawn: the provider does not say which.
    if (answer === undefined) throw new InvalidTokenError('token_revoked', { detail: INACTIVE });
    const facts = factsIn(answer);
    await assertTokenChecks(method.checks, { token, header: NO_HEADER, claims: facts.claims, req });
    return (await method.keyHolder?.(facts)) ?? principalOf(facts);
  };
}

/** The checks of a JWT, and last of all what the provider says of it. */
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
 * The authenticator of a method that asks its provider about opaque tokens, and about JWTs where that is wanted.
 * @param opaque the method as it is for what an answer says.
 */
export function introspectingAuthenticator(
  method: IssuerMethod,
  opaque: Pick<IssuerMethod, 'identify' | 'rules'>,
  introspection: Introspection,
): Authenticator {
  const { client, alsoJwt } = introspection;
  const jwts = issuerAuthenticator(alsoJwt ? { ...method, checks: checksWith(introspection, method) } : method);
  const judgeOpaque = opaqueJudge({ ...method, ...opaque }, introspection);
  return {
    ...jwts,
    takesOpaque: ({ token }) => !hasJwtForm(token),
    verify: (presented, req) =>
      hasJwtForm(presented.token) ? jwts.verify(presented, req) : judgeOpaque(presented, req),
    ready: async () => void (await Promise.all([jwts.ready(), client.ready()])),
    health: () => [...jwts.health(), client.health()],
    async close() {
      client.close();
      await jwts.close();
    },
  };
}
