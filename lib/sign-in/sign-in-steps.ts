import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { JWTPayload } from 'jose';
import { fromStore } from '../errors/application-code.js';
import { asAuthError, InvalidTokenError, SignInError, UnauthorizedError } from '../errors/auth-error.js';
import { localClaims, localPrincipal } from '../methods/local-token/local-claims.js';
import { readOrigin } from '../methods/local-token/token-origin.js';
import { takenHeaders } from '../pipeline/request-record.js';
import { acceptAloud } from '../pipeline/single-method.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { findToken } from '../tokens/find-token.js';
import { PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import { assertAge } from '../verification/claim-rules.js';
import type { JwtIdpConfig } from './jwt-idp-options.js';
import { type SignInState, STATE_LIFETIME } from './sealed-state.js';

/**
 * Answers requests to one of the three paths.
 * @throws {AuthError} when the sign-in is refused.
 */
export type Step = (config: JwtIdpConfig, req: AuthRequest, res: ServerResponse) => Promise<void>;

/** Longest sealed state in characters: servers on the way cut off longer URLs, and its claims must fit in a cookie. */
const MAX_SEALED = 6144;

const now = () => Date.now() / 1000;

function queryOf({ url = '' }: AuthRequest): URLSearchParams {
  return new URLSearchParams(/\?[^#]*/.exec(url)?.[0] ?? '');
}

/** Redirects the browser. The URL contains a state, so it is neither cached nor sent on in `Referer`. */
function redirect(res: ServerResponse, target: string, query?: { authRequestID: string; userAgentID: string }): void {
  const separator = target.includes('?') ? '&' : '?';
  const location = query === undefined ? target : `${target}${separator}${new URLSearchParams(query)}`;
  res.writeHead(302, {
    Location: location,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
  res.end();
}

/** Reads the state of a request, from the two parameters that ZITADEL sends to a JWT endpoint and expects back. */
function readState(req: AuthRequest): { jti: string; sealed: string } {
  const query = queryOf(req);
  const [jti, ...otherIds] = query.getAll('authRequestID');
  const [sealed, ...otherStates] = query.getAll('userAgentID');
  if (!jti || !sealed || otherIds.length > 0 || otherStates.length > 0) throw new SignInError('state_invalid');
  return { jti, sealed };
}

/** `GET /login`: keeps the return target in a sealed state, and redirects the browser to the WAF. */
async function begin(
  { jwtEndpoint, begun, returnUrls, callbackUrl, browser }: JwtIdpConfig,
  req: AuthRequest,
  res: ServerResponse,
) {
  const returnTo = returnUrls.choose(queryOf(req).getAll('return_to'));
  const id = await browser.browserId(req);
  const jti = randomUUID();
  const exp = Math.floor(now()) + STATE_LIFETIME;
  const sealed = await begun.seal({ jti, exp, browser: id, returnTo, ...(callbackUrl && { callbackUrl }) });
  res.appendHeader('Set-Cookie', browser.setCookie(id, STATE_LIFETIME));
  redirect(res, jwtEndpoint, { authRequestID: jti, userAgentID: sealed });
}

/** Verifies the WAF's token and its age, and then resolves the user, so that an old token registers nobody. */
async function identify(
  { authenticator, maxAge }: JwtIdpConfig,
  req: AuthRequest,
): Promise<{ principal: Principal; token: string }> {
  const found = await findToken(authenticator.sources, req, takenHeaders(req));
  if (found === undefined) throw new UnauthorizedError('credentials_missing');
  const strict: typeof authenticator = {
    ...authenticator,
    async verify(presented, request) {
      const authenticated = await authenticator.verify(presented, request);
      assertAge(authenticated.principal.claims, now(), { maxAge, clockTolerance: 0 });
      return authenticated;
    },
  };
  const { authenticated } = await acceptAloud(strict, new PresentedToken(found), req);
  return { principal: authenticated.principal, token: found.token };
}

/** Path of `/jwt/callback` beside the requested `/jwt/authorize`, under the mount path of the router. */
function siblingCallback({ originalUrl, url = '' }: AuthRequest): string {
  const pathOf = (target: string) => target.replace(/[?#].*$/s, '');
  const [whole, own] = [pathOf(originalUrl ?? url), pathOf(url)];
  const mount = whole.endsWith(own) ? whole.slice(0, whole.length - own.length) : '';
  // One slash at the front: two would begin a host.
  return `${mount}/jwt/callback`.replace(/^[/\\]+/, '/');
}

/** Continues a sign-in of this router: seals the identified principal into a state for `/jwt/callback`. */
async function identifyOwn(config: JwtIdpConfig, begun: SignInState, req: AuthRequest, res: ServerResponse) {
  const { callbackUrl, ...state } = begun;
  // With a callbackUrl this may be another host, whose cookie is another router's. `/jwt/callback` checks in any case.
  if (callbackUrl === undefined && (await config.browser.isSame(req, state.browser)) === false)
    throw new SignInError('state_of_another_browser');
  const { principal } = await identify(config, req);
  const end = principal.credential.expiresAt?.getTime();
  const sealed = await config.identified.seal({ ...begun, ...localClaims(principal), ...(end && { end }) });
  if (sealed.length > MAX_SEALED) throw new InvalidTokenError('token_too_large');
  const target = typeof callbackUrl === 'string' ? callbackUrl : siblingCallback(req);
  redirect(res, target, { authRequestID: begun.jti, userAgentID: sealed });
}

/** `GET /jwt/authorize`: identifies the person by the WAF's token. Its host may differ from that of the cookie. */
async function authorize(config: JwtIdpConfig, req: AuthRequest, res: ServerResponse) {
  const { begun, forward } = config;
  const { jti, sealed } = readState(req);
  const own = await begun.open(sealed, jti).catch((thrown: unknown) => {
    if (forward !== undefined && asAuthError(thrown).code === 'state_invalid') return undefined;
    throw thrown;
  });
  if (own !== undefined) return identifyOwn(config, own, req, res);
  const { token } = await identify(config, req);
  if (forward !== undefined) redirect(res, await forward(queryOf(req).toString(), token));
}

/** The principal in a state of `/jwt/authorize`. */
function identifiedPrincipal(method: string, { end, ...claims }: JWTPayload): Principal {
  const principal = localPrincipal(method, method, claims, new Date(typeof end === 'number' ? end : 0));
  const credential = typeof end === 'number' ? principal.credential : { kind: 'local' };
  const origin = readOrigin(claims);
  if (origin === undefined) return createPrincipal({ ...principal, credential });
  // The method's own result: the person of the session, and where they signed in.
  const { iss: issuer, sub: subject, sid, iat } = origin;
  const said = { ...(sid === undefined ? {} : { sid }), ...(iat === undefined ? {} : { iat }) };
  return createPrincipal({ ...principal, issuer, subject, claims: said, credential });
}

/** `GET /jwt/callback`: issues the session token for the principal in the state, and redirects to the return target. */
async function finish(config: JwtIdpConfig, req: AuthRequest, res: ServerResponse) {
  const { browser, states, session, sessionCookie, returnUrls, authenticator } = config;
  const { jti, sealed } = readState(req);
  const { browser: id, returnTo, ...claims } = await config.identified.open(sealed, jti);
  if ((await browser.isSame(req, id)) !== true) throw new SignInError('state_of_another_browser');
  const target = returnUrls.choose([String(returnTo)]);
  // The last check, so that a request from another browser cannot use up the state.
  const isFirst = await fromStore('jwtIdp.states', states, () => states.claim(`jwtIdp:${jti}`, STATE_LIFETIME));
  if (isFirst !== true) throw new SignInError('state_replayed');
  const { token, expiresAt } = await session.issue(identifiedPrincipal(authenticator.name, claims));
  res.appendHeader('Set-Cookie', sessionCookie.set(token, expiresAt.getTime() / 1000 - now()));
  redirect(res, target);
}

/** Steps by path. */
export const STEPS: Readonly<Record<string, Step>> = {
  '/login': begin,
  '/jwt/authorize': authorize,
  '/jwt/callback': finish,
};
