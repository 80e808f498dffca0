import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthError, asAuthError, UnauthorizedError } from '../errors/auth-error.js';
import { type NextFunction, refuse, setRefusalStyle } from '../errors/responder.js';
import { emit } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { findPrincipal, setPrincipal } from '../principal/request-principal.js';
import { takeHeader } from '../tokens/headers.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { AuthMethod } from './auth-method.js';
import type { Door } from './door-options.js';

/** A verified request: who it is, where the credentials stood, and which of them are to leave. */
export interface Verdict {
  readonly principal: Principal;
  readonly used: readonly TokenSource[];
  readonly strip: readonly TokenSource[];
}

/** What stands behind a door: one authenticator, or several composed. */
export interface Judge {
  readonly sources: readonly TokenSource[];
  /** `undefined`: no credential of this kind. @throws AuthError */
  decide(req: AuthRequest): Promise<Verdict | undefined>;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

/** A CORS preflight (Fetch standard, section 4.8), as opposed to any OPTIONS request. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

function anonymousPrincipal(door: Door, { username, groups }: NonNullable<Door['anonymous']>): Principal {
  return createPrincipal({
    type: 'anonymous',
    id: username,
    method: door.name,
    username,
    groups,
    credential: { kind: 'none' },
  });
}

function refusal(door: Door, thrown: unknown): AuthError {
  const error = asAuthError(thrown);
  error.realm ??= door.realm;
  error.method ??= door.name;
  emit(door.listeners, { type: 'refused', method: error.method, code: error.code, status: error.status, error });
  return error;
}

/** Asks the judge and tells the listeners. */
async function judge(door: Door, { decide }: Judge, req: AuthRequest): Promise<Verdict | undefined> {
  let verdict: Verdict | undefined;
  try {
    verdict = await decide(req);
  } catch (thrown) {
    throw refusal(door, thrown);
  }
  if (verdict === undefined) return undefined;
  const { method, type, credential } = verdict.principal;
  const id = credential.id === undefined ? {} : { credentialId: credential.id };
  emit(door.listeners, { type: 'accepted', method, principalType: type, ...id });
  return verdict;
}

/** A bad credential may count as none where that was asked for; an outage on our side may not. */
async function judgeOrCover(door: Door, behind: Judge, req: AuthRequest): Promise<Verdict | undefined> {
  try {
    return await judge(door, behind, req);
  } catch (thrown) {
    const error = asAuthError(thrown);
    if (door.anonymous?.coverFailures !== true || error.status > 401) throw error;
    emit(door.listeners, { type: 'anonymous', method: door.name, code: error.code });
    return undefined;
  }
}

/** Lets a request in, or throws. An existing principal is never replaced by a lesser one. */
async function admit(door: Door, behind: Judge, req: AuthRequest, res: ServerResponse): Promise<void> {
  if (door.skipPreflight && isPreflight(req)) return;
  const verdict = await judgeOrCover(door, behind, req);
  if (verdict === undefined) {
    if (door.anonymous !== undefined) {
      if (findPrincipal(req) === undefined) setPrincipal(req, anonymousPrincipal(door, door.anonymous));
    } else if (door.credentialsRequired) {
      throw refusal(door, new UnauthorizedError('credentials_missing'));
    }
    return;
  }
  setPrincipal(req, verdict.principal);
  for (const source of verdict.strip) source.remove(req);
  if (verdict.used.some((source) => source.inUrl === true)) {
    // RFC 6750 section 5.3: a URL that carries a token must not be stored or passed on.
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'no-referrer');
  }
}

/** The only place that touches `res`: carries a request in to the judge, and the verdict out. */
export function asMiddleware(door: Door, behind: Judge): AuthMethod {
  const identityHeaders = behind.sources.flatMap(({ identityHeader }) => identityHeader ?? []);
  const style = { realm: door.realm, respond: door.respond, exposeReason: door.exposeReason };
  const admitted = new WeakSet<IncomingMessage>();

  function authMethodMiddleware(req: IncomingMessage, res: ServerResponse, next: NextFunction): void {
    if (admitted.has(req)) {
      // Mounted twice: the request has been judged by this very method.
      next();
      return;
    }
    for (const header of identityHeaders) takeHeader(req, header);
    setRefusalStyle(req, style);
    admit(door, behind, req, res).then(
      () => {
        admitted.add(req);
        // Out of the promise chain, so that what `next` throws is the application's, as if we were not there.
        queueMicrotask(next);
      },
      (thrown: unknown) => queueMicrotask(() => refuse(asAuthError(thrown), style, req, res, next)),
    );
  }

  return Object.defineProperties(authMethodMiddleware, {
    name: { value: door.name },
    authenticate: { value: async (req: IncomingMessage) => (await judge(door, behind, req))?.principal },
    ready: { value: behind.ready },
    health: { value: behind.health },
    close: { value: behind.close },
  }) as typeof authMethodMiddleware & AuthMethod;
}
