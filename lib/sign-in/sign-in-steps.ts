import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { JWTPayload } from 'jose';
import { fromStore } from '../errors/application-code.js';
import { asAuthError, InvalidTokenError, SignInError, UnauthorizedError } from '../errors/auth-error.js';
import { localClaims, localPrincipal } from '../methods/local-token/local-claims.js';
import { PresentedToken } from '../pipeline/authenticator.js';
import { judgeBy } from '../pipeline/single-method.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { findToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { JwtIdpConfig } from './jwt-idp-options.js';
import { type SignInState, STATE_LIFETIME } from './sealed-state.js';

/** Answers one of the three paths. @throws AuthError */
export type Step = (config: JwtIdpConfig, req: AuthRequest, res: ServerResponse) => Promise<void>;

/** Longer addresses are cut off by one server or another on the way, and no cookie would hold what is in them. */
const MAX_SEALED = 6144;

const now = () => Date.now() / 1000;

function queryOf({ url = '' }: AuthRequest): URLSearchParams {
  return new URLSearchParams(/\?[^#]*/.exec(url)?.[0] ?? '');
}

/** Sends the browser on. The address carries a state, so it is neither kept nor passed on in `Referer`. */
function redirect(res: ServerResponse, place: string, query?: { authRequestID: string; userAgentID: string }): void {
  const separator = place.includes('?') ? '&' : '?';
  const location = query === undefined ? place : `${place}${separator}${new URLSearchParams(query)}`;
  res.writeHead(302, {
    Location: location,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
  res.end();
}

/** The two parameters that ZITADEL gives to a JWT endpoint and expects back. */
function readState(req: AuthRequest): { jti: string; sealed: string } {
  const query = queryOf(req);
  const [jti, ...otherIds] = query.getAll('authRequestID');
  const [sealed, ...otherStates] = query.getAll('userAgentID');
  if (!jti || !sealed || otherIds.length > 0 || otherStates.length > 0) throw new SignInError('state_invalid');
  return { jti, sealed };
}

/** `GET /login`: remembers where the browser wants to go, and sends it to the WAF. */
async function begin(
  { jwtEndpoint, begun, returnUrls, callbackUrl, browser }: JwtIdpConfig,
  req: AuthRequest,
  res: ServerResponse,
) {
  const returnTo = returnUrls.choose(queryOf(req).getAll('return_to'));
  const id = await browser.recognise(req);
  const jti = randomUUID();
  const exp = Math.floor(now()) + STATE_LIFETIME;
  const sealed = await begun.close({ jti, exp, browser: id, returnTo, ...(callbackUrl && { callbackUrl }) });
  res.appendHeader('Set-Cookie', browser.remember(id, STATE_LIFETIME));
  redirect(res, jwtEndpoint, { authRequestID: jti, userAgentID: sealed });
}

function assertAge({ claims: { iat } }: Principal, maxAge: number | undefined): void {
  if (maxAge === undefined) return;
  if (iat === undefined) throw new InvalidTokenError('claim_missing');
  if (now() - iat > maxAge) throw new InvalidTokenError('token_lifetime_exceeded');
}

/** Who the WAF says it is, found among the users or registered. A token that is too old registers nobody. */
async function identify(
  { authenticator, maxAge }: JwtIdpConfig,
  req: AuthRequest,
): Promise<{ principal: Principal; token: string }> {
  const found = await findToken(authenticator.sources, req);
  if (found === undefined) throw new UnauthorizedError('credentials_missing');
  const strict: typeof authenticator = {
    ...authenticator,
    async verify(presented, request) {
      const principal = await authenticator.verify(presented, request);
      assertAge(principal, maxAge);
      return principal;
    },
  };
  const { principal } = await judgeBy(strict, new PresentedToken(found), req);
  return { principal, token: found.token };
}

/** Where `/jwt/callback` is for whoever sees `/jwt/authorize`, whatever this router is mounted under. */
function siblingCallback({ originalUrl, url = '' }: AuthRequest): string {
  const pathOf = (target: string) => target.replace(/[?#].*$/s, '');
  const [whole, own] = [pathOf(originalUrl ?? url), pathOf(url)];
  const mount = whole.endsWith(own) ? whole.slice(0, whole.length - own.length) : '';
  // Two slashes in front would be another host.
  return `${mount}/jwt/callback`.replace(/^[/\\]+/, '/');
}

/** A sign-in that was begun at `/login` here: on with who it is, to `/jwt/callback`. */
async function identifyOwn(config: JwtIdpConfig, begun: SignInState, req: AuthRequest, res: ServerResponse) {
  const { callbackUrl, ...state } = begun;
  // Under another host the cookie of this name belongs to another router; `/jwt/callback` looks in any case.
  if (callbackUrl === undefined && (await config.browser.isSame(req, state.browser)) === false)
    throw new SignInError('state_of_another_browser');
  const { principal } = await identify(config, req);
  const end = principal.credential.expiresAt?.getTime();
  const sealed = await config.identified.close({ ...begun, ...localClaims(principal), ...(end && { end }) });
  if (sealed.length > MAX_SEALED) throw new InvalidTokenError('token_too_large');
  const place = typeof callbackUrl === 'string' ? callbackUrl : siblingCallback(req);
  redirect(res, place, { authRequestID: begun.jti, userAgentID: sealed });
}

/** `GET /jwt/authorize`: the WAF is in front here, and on another host than the browser's cookie maybe. */
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

/** Whom `/jwt/authorize` has found. */
function identifiedPrincipal(method: string, { end, ...claims }: JWTPayload): Principal {
  const principal = localPrincipal(method, method, claims, new Date(typeof end === 'number' ? end : 0));
  return typeof end === 'number' ? principal : createPrincipal({ ...principal, credential: { kind: 'local' } });
}

/** `GET /jwt/callback`: the browser is back, with who it is; here the session begins. */
async function finish(config: JwtIdpConfig, req: AuthRequest, res: ServerResponse) {
  const { browser, states, session, sessionCookie, returnUrls, authenticator } = config;
  const { jti, sealed } = readState(req);
  const { browser: id, returnTo, ...claims } = await config.identified.open(sealed, jti);
  if ((await browser.isSame(req, id)) !== true) throw new SignInError('state_of_another_browser');
  const place = returnUrls.choose([String(returnTo)]);
  // After everything that another browser could fail at, so that nobody can use up what is not theirs.
  const isFirst = await fromStore('jwtIdp.states', states, () => states.claim(`jwtIdp:${jti}`, STATE_LIFETIME));
  if (isFirst !== true) throw new SignInError('state_replayed');
  const { token, expiresAt } = await session.issue(identifiedPrincipal(authenticator.name, claims));
  res.appendHeader('Set-Cookie', sessionCookie.set(token, expiresAt.getTime() / 1000 - now()));
  redirect(res, place);
}

/** What is answered where. */
export const STEPS: Readonly<Record<string, Step>> = {
  '/login': begin,
  '/jwt/authorize': authorize,
  '/jwt/callback': finish,
};
