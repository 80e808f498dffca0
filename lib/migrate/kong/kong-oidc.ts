import type { IncomingMessage } from 'node:http';
import type { Consumer } from '../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../consumers/consumer-store.js';
import { type AuthError, ForbiddenError, InvalidTokenError } from '../../errors/auth-error.js';
import { formatChallenge } from '../../errors/challenge.js';
import type { Respond } from '../../errors/responder.js';
import { asMiddleware } from '../../middlewares/as-middleware.js';
import type { AuthMethod } from '../../middlewares/auth-method.js';
import { type Authenticator, PresentedToken, registerAuthenticator } from '../../middlewares/authenticator.js';
import { resolveDoor } from '../../middlewares/door-options.js';
import { issuerAuthenticator } from '../../middlewares/issuer-authenticator.js';
import { resolveIssuer } from '../../middlewares/issuer-record.js';
import { singleIssuer } from '../../middlewares/issuer-resolver.js';
import { verdictOf } from '../../middlewares/single-method.js';
import { resolveTokenPolicy } from '../../middlewares/token-options.js';
import { createPrincipal, type Principal } from '../../principal/principal.js';
import { DEFAULT_CLAIMS } from '../../principal/token-identity.js';
import { findToken } from '../../tokens/find-token.js';
import { fromBody } from '../../tokens/from-body.js';
import { fromCookie } from '../../tokens/from-cookie.js';
import { fromBearer, fromHeader } from '../../tokens/from-header.js';
import { fromQuery } from '../../tokens/from-query.js';
import { removeHeader, replaceHeader } from '../../tokens/headers.js';
import type { TokenSource } from '../../tokens/token-source.js';
import { assertTokenKind } from '../../verification/token-kind.js';
import { CONSUMER_HEADERS, setConsumerHeaders } from './consumer-headers.js';
import { passesAsKong, withAnonymous } from './kong-anonymous.js';
import { assertAuthorized, claimAt, consumerOf, wordsOf } from './oidc-authorization.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

/** One `openid-connect` plugin of a Kong configuration, ready to become a method. */
export interface KongOidc {
  readonly name: string;
  readonly config: OidcPluginConfig;
  readonly consumers: ManagedConsumerStore;
  /** Who everybody else is; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
}

const GROUPS_HEADER = 'x-authenticated-groups';
const ANONYMOUS_HEADER = 'x-anonymous-consumer';
const PARAMETER = 'access_token';

function sourcesOf({ paramTypes, headerName, cookieName }: OidcPluginConfig): TokenSource[] {
  if (headerName !== undefined) return [/^authorization$/i.test(headerName) ? fromBearer() : fromHeader(headerName)];
  const places = {
    header: () => [fromBearer(), fromHeader('access-token'), fromHeader('x-access-token')],
    query: () => [fromQuery(PARAMETER)],
    body: () => [fromBody(PARAMETER)],
    cookie: () => (cookieName === undefined ? [] : [fromCookie(cookieName)]),
  };
  return paramTypes.flatMap((type) => places[type]());
}

/** Kong's words and challenges; an outage on our side is a 503 where Kong says 401. */
function oidcRespond({ unauthorizedMessage, forbiddenMessage }: OidcPluginConfig): Respond {
  const messageOf = ({ status }: AuthError) =>
    status === 401 ? unauthorizedMessage : status === 403 ? forbiddenMessage : 'Service Unavailable';
  return (error, _req, res) => {
    const params = { error: error instanceof InvalidTokenError ? 'invalid_token' : undefined };
    const challenge =
      error.status === 401 ? { 'WWW-Authenticate': formatChallenge({ scheme: 'Bearer', params }) } : error.headers;
    const body = JSON.stringify({ message: error.status === 400 ? 'Bad Request' : messageOf(error) });
    res.statusCode = error.status;
    for (const [name, value] of Object.entries(challenge)) res.setHeader(name, value);
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    res.setHeader('Content-Length', Buffer.byteLength(body));
    res.end(body);
  };
}

/** The verified token's principal, after Kong's authorization, as the consumer that it maps to. */
async function authorize(principal: Principal, { config, consumers }: KongOidc): Promise<Principal> {
  assertAuthorized(principal.claims, config);
  const consumer = await consumerOf(principal.claims, config, consumers);
  const groups = config.groupsClaim === undefined ? [] : wordsOf(claimAt(principal.claims, config.groupsClaim));
  const all = [
    ...new Set([...(consumer?.groups ?? []), ...(config.groupsClaim === undefined ? principal.groups : groups)]),
  ];
  if (consumer === undefined) return createPrincipal({ ...principal, groups: all });
  const username = consumer.username === undefined ? {} : { username: consumer.username };
  return createPrincipal({
    ...principal,
    ...username,
    type: 'consumer',
    id: consumer.id,
    groups: all,
    roles: consumer.roles,
    consumer,
  });
}

function announcing({ config }: KongOidc) {
  return (req: IncomingMessage, principal: Principal): void => {
    // What a client sent is gone by now, so this is what the method before wrote of somebody it did not know.
    const wasAnonymous = req.headers[ANONYMOUS_HEADER] !== undefined;
    const { consumer, credential } = principal;
    if (consumer !== undefined || wasAnonymous) setConsumerHeaders(req, principal, consumer && credential.id);
    const groups = config.groupsClaim === undefined ? [] : wordsOf(claimAt(principal.claims, config.groupsClaim));
    if (groups.length > 0)
      replaceHeader(req, GROUPS_HEADER, groups.join(', ').replace(/[^\t\x20-\x7e]/g, encodeURIComponent));
    else removeHeader(req, GROUPS_HEADER);
  };
}

function oidcAuthenticator(plugin: KongOidc, door: ReturnType<typeof resolveDoor>): Authenticator {
  const { config } = plugin;
  const { issuer, jwksEndpoint, issuersAllowed, leeway, hideCredentials } = config;
  const place = jwksEndpoint === undefined ? {} : { jwksUri: jwksEndpoint };
  const record = resolveIssuer('fromKong', { issuer, audience: null, ...place }, door.listeners);
  const policy = resolveTokenPolicy(
    'fromKong',
    { tokenFrom: sourcesOf(config), clockTolerance: leeway, stripCredential: hideCredentials },
    DEFAULT_CLAIMS,
  );
  const inner = issuerAuthenticator({
    door,
    ...policy,
    book: singleIssuer({ ...record, issuers: new Set(issuersAllowed ?? [issuer]) }),
    assertKind: ({ header, claims }, { profile }) => assertTokenKind(header, claims, profile),
  });
  return {
    ...inner,
    ownHeaders: [...CONSUMER_HEADERS, GROUPS_HEADER],
    announce: announcing(plugin),
    verify: async (presented, req) => authorize(await inner.verify(presented, req), plugin),
  };
}

/** In OR mode who may not come in is nobody, as who has no credential; what is bad about a token, the door covers. */
function asNobody(thrown: unknown): undefined {
  if (!(thrown instanceof ForbiddenError)) throw thrown;
}

/** A method that behaves as the bearer part of Kong's `openid-connect` plugin does. */
export function kongOidc(plugin: KongOidc): AuthMethod {
  const { name, config, anonymous } = plugin;
  const options = { name, respond: oidcRespond(config) };
  const door = withAnonymous(resolveDoor('fromKong', options), anonymous, announcing(plugin));
  const authenticator = oidcAuthenticator(plugin, door);
  const method = asMiddleware(door, {
    sources: authenticator.sources,
    ownHeaders: authenticator.ownHeaders ?? [],
    passes: passesAsKong(config.runOnPreflight, anonymous),
    async decide(req) {
      const found = await findToken(authenticator.sources, req);
      const verdict = found && verdictOf(authenticator, new PresentedToken(found), req);
      return anonymous === undefined ? verdict : verdict?.catch(asNobody);
    },
    invalidate: () => undefined,
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
  registerAuthenticator(method, authenticator);
  return method;
}
