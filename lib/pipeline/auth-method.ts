import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Awaitable } from '../clock/awaitable.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { NextFunction } from '../errors/responder.js';
import type { OnEvent } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import { described } from '../options/described.js';
import type { Authenticated } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import type { KnownTokens, PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { Vouching } from '../users/store-reach.js';
import type { UserDirectory } from '../users/user-directory.js';
import type { Invalidation } from '../users/user-store.js';

/** Connect middleware; `node:http` requests and responses suffice. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/**
 * Auth method: a Connect middleware that can also be called directly. Every factory returns one. It works in Express 4
 * and 5, Connect and plain `node:http`, on an application, a router or a single route.
 */
export interface AuthMethod {
  (req: IncomingMessage, res: ServerResponse, next: NextFunction): void;
  /** Name of the method, in `principal.method` and in events. */
  readonly name: string;
  /**
   * Verifies a request without answering it, for WebSocket upgrades, other frameworks and tests. The request is changed
   * as by the middleware: identity headers are removed, so is the credential with `stripCredential`, and
   * `req.principal` is set where there is none yet. `undefined`: the request has no credential of this kind.
   * @throws {AuthError} when the request is refused.
   */
  authenticate(req: IncomingMessage): Promise<Principal | undefined>;
  /**
   * Verifies a request as `authenticate` does, and refuses one without a credential, with the challenge in the error.
   * @throws {AuthError} when the request is refused.
   */
  require(req: IncomingMessage): Promise<Principal>;
  /** Loads keys that the first request would otherwise load. */
  ready(): Promise<void>;
  /**
   * Returns the state of each key source and introspection endpoint (which has no keys); empty where nothing is loaded.
   */
  health(): readonly KeySourceHealth[];
  /**
   * Removes what is cached about a user, an identity or an issuer, so that a change takes effect with the next request.
   * `issuers()` is called again for the issuer.
   * @throws {ConfigurationError} when the argument has another shape.
   */
  invalidate(change: Invalidation): void;
  /** Stops background work and empties the caches. */
  close(): Promise<void>;
}

/** Writes headers on an admitted request, which tell the application who it is. */
export type Announce = (req: IncomingMessage, authenticated: Authenticated) => void;

/**
 * Answer of a method to whether a token belongs to it. `mine`: it does, and no other method is asked. `maybe`: it does
 * unless another method answers `mine`. `no`: it does not.
 */
export type Claim = 'mine' | 'maybe' | 'no';

/** Kinds of tokens that a method accepts, as far as its configuration tells. */
export interface MethodScope {
  /**
   * When the method is asked. `first`: before others, because the form of a token decides. `last`: after others,
   * because it accepts tokens that no other method claims. `rest`: after those, because it accepts tokens that they do
   * not know either.
   */
  readonly asked?: 'first' | 'last' | 'rest';
  /**
   * Configured issuers; `resolved`: they are looked up. For a method with issuers, `maybe` means that the token is for
   * another audience.
   */
  readonly issuers?: ReadonlySet<string> | 'resolved';
  /** All names of these issuers, each with the name of its identities; left out: every issuer has one name. */
  readonly names?: ReadonlyMap<string, string>;
  /** Whether it accepts tokens without an issuer. */
  readonly isNameless?: boolean;
  /** Audiences of these issuers; left out: every audience. */
  readonly audiences?: readonly string[] | undefined;
  /** Signature algorithms of its tokens; left out: any. */
  readonly algorithms?: readonly string[] | undefined;
  /** Whether the method accepts opaque tokens, which do not name their issuer. */
  readonly opaque?: true;
  /** Whether the method accepts every token in its sources: as `mine`, or as `maybe`. */
  readonly everything?: 'mine' | 'maybe';
}

/**
 * Internal side of an auth method: where its credential stands, which tokens belong to it, and how they are verified.
 * It does not know `res`; `jwtAuth` composes authenticators, not middlewares.
 */
export interface Authenticator {
  readonly name: string;
  readonly sources: readonly TokenSource[];
  /** Whether a verified credential is removed from the request. */
  readonly stripCredential: boolean;
  /** Headers that `announce` writes; values that a client sends under these names are removed. */
  readonly ownHeaders?: readonly string[];
  readonly announce?: Announce;
  /**
   * Tells whether a token belongs to this method, without the request and without verifying anything.
   * @throws {InvalidTokenError} when the token cannot be read; counts as `no`.
   */
  claims(presented: PresentedToken): Awaitable<Claim>;
  /** Tokens that the method accepts, by which `jwtAuth` refuses methods that could never be asked. */
  readonly scope: MethodScope;
  /** Cache of tokens that this method has verified, so that they need not be parsed again. */
  readonly known?: KnownTokens | undefined;
  /**
   * Verifies a token that belongs to this method.
   * @throws {AuthError} when the token is refused.
   */
  verify(presented: PresentedToken, req: AuthRequest): Awaitable<Authenticated>;
  readonly listeners: readonly OnEvent[];
  /** Issuers of the identities in its tokens; their statements on e-mail addresses reach the users. */
  readonly vouching?: Vouching | undefined;
  /** Name that the method gives to identities whose credentials name no issuer. */
  readonly givenName?: string | undefined;
  /** Registers a {@link givenName} of another method: a token that has it in `iss` is refused. */
  reserve?(name: string): void;
  /** Registers that several issuers are accepted together, so that ids of clients have their issuer in front. */
  amongIssuers?(): void;
  /** Registers another method that people sign in through; present on methods whose tokens stand for a sign-in. */
  signsInThrough?(method: string, users: UserDirectory | undefined): void;
  /** Removes an issuer from the cache, so that the application is asked about it again. */
  forget?(issuer: string): void;
  /** Returns the name of an issuer's identities, by any name of the issuer. */
  nameOf?(issuer: string): string | undefined;
  /** Users of this method; where absent, those of `jwtAuth` apply. */
  readonly users?: UserDirectory | undefined;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

/** Symbol of a method's authenticator; it is global, so that methods of several copies of the package compose. */
const INNER = Symbol.for('sallyport.method');

/** Version of {@link Authenticator}; raised by changes that other copies of the package cannot work with. */
const VERSION = 1;

interface Inner {
  readonly version: number;
  readonly authenticator: Authenticator;
}

/**
 * Makes an auth method out of a middleware. Its members are set on a prototype of its own, because the copies that
 * `bind()` makes of a function have its prototype and none of its properties.
 */
export function makeMethod(middleware: Middleware, name: string, members: Omit<AuthMethod, 'name'>): AuthMethod {
  Object.defineProperty(middleware, 'name', { value: name });
  return Object.setPrototypeOf(
    middleware,
    Object.create(Function.prototype, Object.getOwnPropertyDescriptors(members)),
  );
}

/** Adds members to a method of {@link makeMethod}. */
export function extendMethod<Members extends object>(method: AuthMethod, members: Members): AuthMethod & Members {
  Object.defineProperties(Object.getPrototypeOf(method), Object.getOwnPropertyDescriptors(members));
  // Cast: the members were added to the prototype of the method.
  return method as AuthMethod & Members;
}

/** Attaches the authenticator to a method, so that it can be composed. */
export function withAuthenticator(method: AuthMethod, authenticator: Authenticator): AuthMethod {
  return extendMethod(method, { [INNER]: { version: VERSION, authenticator } satisfies Inner });
}

/** What came in place of a method: a factory that nobody called is named with its call. */
function describedMethod(given: unknown): string {
  if (typeof given !== 'function') return described(given);
  if ('authenticate' in given) return 'a method that is made of methods; list those instead';
  const isFactory = /^(?:[a-z]+Jwt|jwtAuth|oidcBearer|wafToken|basicGrant|apiKey|localToken|defineMethod)$/.test(
    given.name,
  );
  return isFactory ? `the factory itself; call it: ${given.name}({ … })` : described(given);
}

/**
 * Returns the authenticator of a method, also of its copies by `bind()` and of methods from other copies of the
 * package.
 * @throws {ConfigurationError} when the value is no method (the message tells what is `expected`), or the versions
 * differ.
 */
export function authenticatorOf(option: string, method: unknown, expected: string): Authenticator {
  // Cast: only this package, of some version, sets this symbol.
  const inner = typeof method === 'function' ? (method as { readonly [INNER]?: Inner })[INNER] : undefined;
  if (inner === undefined) throw new ConfigurationError(option, `${expected}, and this is ${describedMethod(method)}`);
  if (inner.version !== VERSION)
    throw new ConfigurationError(option, 'is of another version of sallyport, whose methods this one cannot compose');
  return inner.authenticator;
}
