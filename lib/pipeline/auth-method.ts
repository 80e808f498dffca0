import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Awaitable } from '../clock/awaitable.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { NextFunction } from '../errors/responder.js';
import type { OnEvent } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Authenticated } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import type { KnownTokens, PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { Vouching } from '../users/store-reach.js';
import type { UserDirectory } from '../users/user-directory.js';
import type { Invalidation } from '../users/user-store.js';

/** A Connect middleware (`node:http` requests and responses suffice). */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/**
 * What every factory returns: a Connect middleware that can also be asked directly. It works in Express 4 and 5,
 * Connect and plain `node:http`, on an application, a router or a single route.
 */
export interface AuthMethod {
  (req: IncomingMessage, res: ServerResponse, next: NextFunction): void;
  readonly name: string;
  /**
   * Verifies a request without answering it, for WebSocket upgrades, other frameworks and tests. To the request happens
   * what the middleware does: headers that speak of identity leave it, so does the credential with `stripCredential`,
   * and `req.principal` is set where there is none yet. `undefined`: it carries no credential of this kind.
   * @throws {AuthError} for everything else that is not a principal.
   */
  authenticate(req: IncomingMessage): Promise<Principal | undefined>;
  /**
   * Verifies a request as `authenticate` does, and refuses one without a credential, with the challenge in the error.
   * @throws {AuthError} for everything that is not a principal.
   */
  require(req: IncomingMessage): Promise<Principal>;
  /** Loads what would otherwise be loaded by the first request. */
  ready(): Promise<void>;
  /** One entry per key source and introspection endpoint (which has no keys); empty where nothing needs loading. */
  health(): readonly KeySourceHealth[];
  /**
   * Forgets what is cached about a user, an identity or an issuer, so that a change takes effect with the next request.
   * An issuer of `issuers()` is asked about anew.
   * @throws {ConfigurationError} for anything else.
   */
  invalidate(change: Invalidation): void;
  /** Stops background work and drops caches. */
  close(): Promise<void>;
}

/** Tells the application who an admitted request is in headers that the method writes on it. */
export type Announce = (req: IncomingMessage, authenticated: Authenticated) => void;

/**
 * What a method says of a token that stands where it looks: it is its own, so that no other method is asked; it may be
 * its own, unless another method says that it is its; or it is not.
 */
export type Claim = 'mine' | 'maybe' | 'no';

/** Which tokens a method takes, as far as its configuration says so. */
export interface MethodScope {
  /**
   * When it is asked: `first`, because the form alone tells; `last`, because it takes what no method names; `rest`, because
   * it takes what not even those know that were asked last.
   */
  readonly asked?: 'first' | 'last' | 'rest';
  /** The issuers that it names; `resolved`: they are looked up. Where they are named, `maybe` means for another audience. */
  readonly issuers?: ReadonlySet<string> | 'resolved';
  /** The audiences of these issuers; left out: every audience. */
  readonly audiences?: readonly string[] | undefined;
  /** The signature algorithms of its tokens; left out: any. */
  readonly algorithms?: readonly string[] | undefined;
  /** Whether it takes tokens that are no JWTs and do not say whose they are. */
  readonly opaque?: true;
  /** Whether it takes everything in its places: `mine` of whatever stands there, or `maybe`. */
  readonly everything?: 'mine' | 'maybe';
}

/**
 * The inner side of a method: where its credential stands, which tokens are its own, and who they speak for.
 * Pure of `res`; `jwtAuth` composes these, not middlewares.
 */
export interface Authenticator {
  readonly name: string;
  readonly sources: readonly TokenSource[];
  /** Whether the credential that was used leaves the request. */
  readonly stripCredential: boolean;
  /** The headers that `announce` writes; what a client sends under these names never stays. */
  readonly ownHeaders?: readonly string[];
  readonly announce?: Announce;
  /** Says whose a token is. Pure of the request, and nothing is verified. @throws InvalidTokenError: it does not claim it. */
  claims(presented: PresentedToken): Awaitable<Claim>;
  /** What its configuration says about the tokens it takes, so that no method is listed that could never be asked. */
  readonly scope: MethodScope;
  /** The tokens that this method verified before, so that nobody need read them again. */
  readonly known?: KnownTokens | undefined;
  /** Verifies a token that belongs to this method. @throws AuthError */
  verify(presented: PresentedToken, req: AuthRequest): Awaitable<Authenticated>;
  readonly listeners: readonly OnEvent[];
  /** Issuers whose people its tokens speak for, and whose word on their e-mails comes along; absent where there is none. */
  readonly vouching?: Vouching | undefined;
  /** Present on methods whose tokens stand for a sign-in: told of the methods that people sign in through. */
  signsInThrough?(method: string, users: UserDirectory | undefined): void;
  /** Forgets an issuer, so that the application is asked about it again. */
  forget?(issuer: string): void;
  /** The people that this method's tokens speak for; those of `jwtAuth` where it has none of its own. */
  readonly users?: UserDirectory | undefined;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

/** Where a method has its inner side. Every copy of the package looks there, so their methods can be composed. */
const INNER = Symbol.for('sallyport.method');

/** Goes up when {@link Authenticator} changes in a way that other copies cannot live with. */
const VERSION = 1;

interface Inner {
  readonly version: number;
  readonly authenticator: Authenticator;
}

/**
 * Makes an auth method of a middleware. Its members stand on a prototype of its own, because the copies that `bind()`
 * makes of a function have its prototype and none of its properties.
 */
export function makeMethod(middleware: Middleware, name: string, members: Omit<AuthMethod, 'name'>): AuthMethod {
  Object.defineProperty(middleware, 'name', { value: name });
  return Object.setPrototypeOf(
    middleware,
    Object.create(Function.prototype, Object.getOwnPropertyDescriptors(members)),
  );
}

/** Adds members to a method that {@link makeMethod} made. */
export function extendMethod<Members extends object>(method: AuthMethod, members: Members): AuthMethod & Members {
  Object.defineProperties(Object.getPrototypeOf(method), Object.getOwnPropertyDescriptors(members));
  // Cast: the members are there, one step up.
  return method as AuthMethod & Members;
}

/** Gives a method its inner side, so that it can be composed. */
export function withAuthenticator(method: AuthMethod, authenticator: Authenticator): AuthMethod {
  return extendMethod(method, { [INNER]: { version: VERSION, authenticator } satisfies Inner });
}

/**
 * The inner side of a method, its copies by `bind()` and those of other copies of the package included.
 * @throws ConfigurationError that says what is `expected`, or that the versions do not fit.
 */
export function authenticatorOf(option: string, method: unknown, expected: string): Authenticator {
  // Cast: what stands under this symbol is ours, of some version.
  const inner = typeof method === 'function' ? (method as { readonly [INNER]?: Inner })[INNER] : undefined;
  if (inner === undefined) throw new ConfigurationError(option, expected);
  if (inner.version !== VERSION)
    throw new ConfigurationError(option, 'is of another version of sallyport, whose methods this one cannot compose');
  return inner.authenticator;
}
