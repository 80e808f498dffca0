import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Awaitable, after, settle } from '../clock/awaitable.js';
import { type AuthError, asAuthError, UnauthorizedError } from '../errors/auth-error.js';
import type { Scheme } from '../errors/challenge.js';
import type { ErrorDetail } from '../errors/error-detail.js';
import type { RefusalStyle } from '../errors/responder.js';
import { advise } from '../errors/warnings.js';
import { reportRefusal, tellAccepted, tellAnonymous } from '../events/request-events.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Authenticated } from '../principal/authenticated.js';
import { findPrincipal, type Principal, setPrincipal } from '../principal/principal.js';
import { rememberProof } from '../principal/user-identity.js';
import { everyToken } from '../tokens/find-token.js';
import type { TakenHeaders } from '../tokens/headers.js';
import { missingCredential } from '../tokens/missing-credential.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { Invalidation } from '../users/user-store.js';
import type { Announce } from './auth-method.js';
import type { MethodSettings } from './method-settings.js';
import { acceptedTokens, clearIdentityHeaders, notePassed, type RequestRecord, recordOf } from './request-record.js';

/** Request whose credentials were verified: the result, who announces it, and where the credential is removed. */
export interface Accepted {
  readonly authenticated: Authenticated;
  readonly announce: Announce | undefined;
  /** Tokens that were verified for the request. */
  readonly tokens: readonly string[];
  readonly strip: readonly TokenSource[];
}

/** Authenticator of requests: of a single method, or of several composed ones. */
export interface RequestAuthenticator {
  readonly sources: readonly TokenSource[];
  /** Headers that the methods write for the application; values that a client sends under these names are removed. */
  readonly ownHeaders?: readonly string[];
  /** Whether a request passes unauthenticated, whatever it carries. */
  passes?(req: AuthRequest): boolean;
  /**
   * Verifies a request; `undefined` where it has no credential of this kind.
   * @throws {AuthError} when the request is refused.
   */
  accept(req: AuthRequest, taken: TakenHeaders | undefined): Awaitable<Accepted | undefined>;
  invalidate(change: Invalidation): void;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

const REFUSED_PREFLIGHT =
  'a CORS preflight was refused, which has no credential ever, so no browser of another origin can ask; mount cors() before the method, or set skipPreflight: true';

/** Whether a request is a CORS preflight (Fetch standard, section 4.8), and not another OPTIONS request. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Lists the schemes of a challenge: Bearer first, because some clients read only the first challenge. */
function schemesOf({ sources }: RequestAuthenticator): readonly Scheme[] {
  const taken = new Set(sources.map(({ scheme = 'Bearer' }) => scheme));
  return taken.has('Basic') ? (['Bearer', 'Basic'] as const).filter((scheme) => taken.has(scheme)) : ['Bearer'];
}

const NO_TOKENS: readonly string[] = [];

/**
 * Decides about requests by the method settings: whether they pass, as which principal, and what listeners are told.
 */
export class RequestHandler {
  readonly style: RefusalStyle & { readonly schemes: readonly Scheme[] };
  readonly #settings: MethodSettings;
  readonly #authenticator: RequestAuthenticator;
  /** Sources whose tokens may appear in the URL. */
  readonly #urlSources: readonly TokenSource[];
  /** Describes where a missing credential was looked for. */
  readonly #missing: (req: AuthRequest) => ErrorDetail;

  constructor(settings: MethodSettings, authenticator: RequestAuthenticator) {
    const { realm, respond, exposeReason } = settings;
    const report: RefusalStyle['report'] = (error, req) => reportRefusal(settings, error, req);
    this.style = { realm, respond, exposeReason, schemes: schemesOf(authenticator), report };
    this.#settings = settings;
    this.#authenticator = authenticator;
    this.#urlSources = authenticator.sources.filter(({ inUrl }) => inUrl !== undefined);
    this.#missing = missingCredential(authenticator.sources);
  }

  /**
   * Verifies a request without answering it, and changes it as the middleware does. An existing principal stays,
   * because the new one may prove a second identity of the same person.
   * @throws {AuthError} when the request is refused.
   */
  async authenticate(req: AuthRequest): Promise<Principal | undefined> {
    const before = findPrincipal(req);
    let accepted: Accepted | undefined;
    try {
      const record = recordOf(req);
      clearIdentityHeaders(req, this.#authenticator, record);
      accepted = await this.#authenticator.accept(req, record.taken);
    } catch (thrown) {
      throw this.#refusal(thrown, req);
    }
    if (accepted === undefined) return undefined;
    notePassed(recordOf(req), [this.style], this.#admitVerified(req, accepted));
    if (before !== undefined) setPrincipal(req, before);
    return accepted.authenticated.principal;
  }

  /**
   * Verifies a request as {@link authenticate} does, and refuses one without a credential.
   * @throws {AuthError} when the request is refused.
   */
  async require(req: AuthRequest): Promise<Principal> {
    const principal = await this.authenticate(req);
    if (principal !== undefined) return principal;
    throw this.#refusal(new UnauthorizedError('credentials_missing', { detail: this.#missing(req) }), req);
  }

  /** Whether a request that passed this method before carries only the tokens that it passed with. */
  async carriesSameAsBefore(req: AuthRequest, record: RequestRecord): Promise<boolean> {
    const before = acceptedTokens(record, this.style);
    try {
      const now = await everyToken(this.#authenticator.sources, req, record.taken);
      return now.every((token) => before.includes(token));
    } catch {
      // Unreadable credentials are refused by the next reading.
      return false;
    }
  }

  /**
   * Admits a request and returns the tokens that were verified for it; synchronous where nothing is awaited.
   * @throws {AuthError} when the request is refused.
   */
  admit(req: AuthRequest, res: ServerResponse, taken: TakenHeaders | undefined): Awaitable<readonly string[]> {
    const { skipPreflight } = this.#settings;
    if ((skipPreflight && isPreflight(req)) || this.#authenticator.passes?.(req) === true) return NO_TOKENS;
    this.#keepUrlPrivate(req, res);
    const accepted = settle(
      () => this.#authenticator.accept(req, taken),
      (found) => found,
      (thrown) => this.#cover(asAuthError(thrown), req),
    );
    return after(accepted, (found) => (found ? this.#admitVerified(req, found) : this.#admitNobody(req)));
  }

  /** Keeps the answer to a URL with a token out of caches, and the URL out of `Referer` (RFC 6750 section 5.3). */
  #keepUrlPrivate(req: AuthRequest, res: ServerResponse): void {
    if (!this.#urlSources.some((source) => source.inUrl?.(req) === true) || res.headersSent) return;
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'no-referrer');
  }

  #admitVerified(req: AuthRequest, { authenticated, announce, strip, tokens }: Accepted): readonly string[] {
    const { listeners } = this.#settings;
    if (listeners.length > 0) tellAccepted(listeners, authenticated.principal, req);
    this.#enter(req, authenticated, announce);
    for (const source of strip) source.remove(req);
    return tokens;
  }

  /** Admits a request without a credential. An anonymous principal does not replace an existing one. */
  #admitNobody(req: AuthRequest): readonly string[] {
    const { anonymous, credentialsRequired } = this.#settings;
    if (anonymous !== undefined) {
      const { principal, announce } = anonymous;
      if (findPrincipal(req) === undefined) this.#enter(req, { principal, identity: undefined }, announce);
    } else if (credentialsRequired) {
      if (isPreflight(req)) advise(`${this.#settings.name}.skipPreflight`, REFUSED_PREFLIGHT);
      throw this.#refusal(new UnauthorizedError('credentials_missing', { detail: this.#missing(req) }), req);
    }
    return NO_TOKENS;
  }

  #enter(req: AuthRequest, authenticated: Authenticated, announce: Announce | undefined): void {
    setPrincipal(req, authenticated.principal);
    rememberProof(authenticated.principal, authenticated.identity);
    announce?.(req, authenticated);
  }

  /**
   * Counts a bad credential as absent, where `coverFailures` is set; an outage never does.
   * @throws {AuthError} when the refusal stands.
   */
  #cover(error: AuthError, req: AuthRequest): undefined {
    const { anonymous, listeners, name } = this.#settings;
    if (anonymous === undefined || error.status > anonymous.coversUpTo) throw this.#refusal(error, req);
    tellAnonymous(listeners, error.method ?? name, error, req);
  }

  #refusal(thrown: unknown, req: AuthRequest): AuthError {
    const { realm, name } = this.#settings;
    const error = asAuthError(thrown);
    error.realm ??= realm;
    error.schemes ??= this.style.schemes;
    error.method ??= name;
    reportRefusal(this.#settings, error, req);
    return error;
  }
}
