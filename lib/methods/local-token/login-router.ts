import type { ServerResponse } from 'node:http';
import { fromStore } from '../../errors/application-code.js';
import {
  asAuthError,
  ForbiddenError,
  InvalidRequestError,
  InvalidTokenError,
  UnauthorizedError,
} from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { type RefusalStyle, refuse } from '../../errors/responder.js';
import { AttemptLimit } from '../../grants/attempt-limit.js';
import { resolveLoginAttempts } from '../../grants/attempt-options.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import { type Authenticator, type AuthMethod, authenticatorOf } from '../../pipeline/auth-method.js';
import { separateIssuers } from '../../pipeline/composition.js';
import { clearIdentityHeaders, takenHeaders } from '../../pipeline/request-record.js';
import { acceptAloud } from '../../pipeline/single-method.js';
import { type Authenticated, withPrincipal } from '../../principal/authenticated.js';
import { compileRoleBindings } from '../../principal/role-bindings.js';
import { ANY_NAMES } from '../../principal/selector/syntax.js';
import { findToken } from '../../tokens/find-token.js';
import { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { peerOf } from '../../tokens/transport.js';
import type { LocalTokenMethod, LoginRouterOptions, Router } from './local-token-method.js';
import { readJsonBody } from './request-body.js';
import { assertSameOrigin, isAmbient } from './session-cookie.js';

const OPTION_NAMES = namesOf<LoginRouterOptions>()({ methods: true, roleBindings: true, attemptLimit: true });

type Methods = ReadonlyMap<string, Authenticator>;
type Handler = (req: AuthRequest, res: ServerResponse) => Promise<void>;

function sendJson(res: ServerResponse, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  res.end(text);
}

const PLAIN: RefusalStyle = { realm: undefined, respond: undefined, exposeReason: false };

/** Makes a router of a handler, which answers an exception as a refusal like those of every method. */
export function answering(handler: Handler, style = PLAIN): Router {
  return (req, res, next) => {
    handler(req, res).catch((thrown: unknown) => {
      const error = asAuthError(thrown);
      style.report?.(error, req);
      refuse(error, style, req, res, next);
    });
  };
}

function resolveMethods({ methods }: LoginRouterOptions): Methods {
  if (!Array.isArray(methods) || methods.length === 0)
    throw new ConfigurationError('loginRouter.methods', 'expects a non-empty array of auth methods');
  const entries = methods.map((method: AuthMethod, index) => {
    const authenticator = authenticatorOf(`loginRouter.methods[${index}]`, method, 'expects a single auth method');
    return [authenticator.name, authenticator] as const;
  });
  const table = new Map(entries);
  if (table.size !== entries.length)
    throw new ConfigurationError('loginRouter.methods', 'has a name twice; give each method a name of its own');
  separateIssuers([...table.values()]);
  return table;
}

/**
 * Compiles the role bindings. Claim names differ from method to method, so selectors may use any name; a missing claim
 * never matches.
 */
function bindRoles({ roleBindings }: LoginRouterOptions): (authenticated: Authenticated) => Authenticated {
  if (roleBindings === undefined) return (authenticated) => authenticated;
  const rolesOf = compileRoleBindings('loginRouter.roleBindings', roleBindings, ANY_NAMES);
  return (authenticated) => {
    const { principal } = authenticated;
    const roles = rolesOf(principal);
    if (roles.length === 0) throw new ForbiddenError('insufficient_role');
    return withPrincipal(authenticated, { roles: [...new Set([...principal.roles, ...roles])] });
  };
}

type Accept = (authenticator: Authenticator, presented: PresentedToken, req: AuthRequest) => Promise<Authenticated>;

/** Verifies the token of a login, within the limit on failures. */
function acceptWithin({ attemptLimit }: LoginRouterOptions, namespace: string): Accept {
  const attempts = resolveLoginAttempts('loginRouter.attemptLimit', attemptLimit);
  const limit = attempts && new AttemptLimit(attempts.limits, attempts.store, namespace);
  return async (authenticator, presented, req) => {
    const attempt = await limit?.begin('', peerOf(req));
    try {
      const { authenticated } = await acceptAloud(authenticator, presented, req);
      await attempt?.cancel();
      return authenticated;
    } catch (thrown) {
      if (!InvalidTokenError.is(thrown) && !InvalidRequestError.is(thrown)) await attempt?.cancel();
      throw thrown;
    }
  };
}

function loginHandler(local: LocalTokenMethod, methods: Methods, options: LoginRouterOptions, issuer: string): Handler {
  const bind = bindRoles(options);
  const accept = acceptWithin(options, `logins of ${issuer}`);
  return async (req, res) => {
    if (local.cookie !== undefined) assertSameOrigin(req);
    const { method, token } = await readJsonBody(req);
    const authenticator = typeof method === 'string' ? methods.get(method) : undefined;
    if (authenticator === undefined || typeof token !== 'string') throw new InvalidRequestError('request_malformed');
    const authenticated = await accept(authenticator, new PresentedToken({ token, sources: [] }), req);
    const issued = await local.issue(bind(authenticated).principal);
    const left = (issued.expiresAt.getTime() - Date.now()) / 1000;
    if (local.cookie !== undefined) res.appendHeader('Set-Cookie', local.cookie.set(issued.token, left));
    sendJson(res, { token: issued.token, expiresAt: issued.expiresAt.toISOString() });
  };
}

function logoutHandler(local: LocalTokenMethod): Handler {
  const { sources } = authenticatorOf('loginRouter', local, 'belongs to a localToken()');
  const forget = (res: ServerResponse) => {
    if (local.cookie !== undefined) res.appendHeader('Set-Cookie', local.cookie.clear());
  };
  const find = async (req: AuthRequest, res: ServerResponse) => {
    try {
      return await findToken(sources, req, takenHeaders(req));
    } catch (thrown) {
      if (local.cookie !== undefined) assertSameOrigin(req);
      forget(res);
      throw thrown;
    }
  };
  return async (req, res) => {
    // The cookie is deleted in any case, so that a browser also loses a token that has expired or is unreadable.
    const found = await find(req, res);
    if (found === undefined) throw new UnauthorizedError('credentials_missing');
    if (isAmbient(found.sources, local.cookie)) assertSameOrigin(req);
    forget(res);
    const { token } = found;
    const isOurs = await fromStore('localToken.revocations', local, () => local.revoke(token));
    if (!isOurs) throw new InvalidTokenError('credential_unknown');
    sendJson(res, { loggedOut: true });
  };
}

/**
 * Creates the router of {@link LocalTokenMethod.loginRouter}. `POST /login` exchanges a token for a local one; `POST
 * /logout` revokes the local token that it is called with.
 * @param issuer issuer of the local tokens.
 * @throws {ConfigurationError} when an option is missing, unknown or wrong.
 */
export function loginRouter(
  local: LocalTokenMethod,
  options: LoginRouterOptions,
  style: RefusalStyle,
  issuer: string,
): Router {
  checkOptionNames('loginRouter', options, OPTION_NAMES);
  const methods = resolveMethods(options);
  const session = authenticatorOf('loginRouter', local, 'belongs to a localToken()');
  for (const { name, users } of methods.values()) session.signsInThrough?.(name, users);
  const routes: Readonly<Record<string, Router>> = {
    '/login': answering(loginHandler(local, methods, options, issuer), style),
    '/logout': answering(logoutHandler(local), style),
  };
  return (req, res, next) => {
    for (const authenticator of methods.values()) clearIdentityHeaders(req, authenticator);
    const path = (req.url ?? '').replace(/\?.*$/s, '');
    const route = req.method === 'POST' && Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) next();
    else route(req, res, next);
  };
}
