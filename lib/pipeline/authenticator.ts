import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../clock/awaitable.js';
import type { OnEvent } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Authenticated } from '../principal/authenticated.js';
import type { KnownTokens, PresentedToken } from '../tokens/presented-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { UserDirectory } from '../users/user-directory.js';
import type { AuthMethod } from './auth-method.js';

/** Tells the application who an admitted request is in headers that the method writes on it. */
export type Announce = (req: IncomingMessage, authenticated: Authenticated) => void;

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
  /** Present on methods that read no JWTs: whether the form of what was presented is theirs. Nothing is looked up. */
  recognises?(presented: PresentedToken): boolean;
  /** Present on methods of JWTs that also take what is no JWT: whether this is none. Asked after those that recognise a form. */
  takesOpaque?(presented: PresentedToken): boolean;
  /** Whether everything in its places is its own, so that a second such method could never be asked. */
  readonly takesAll?: true;
  /** Whether the configuration names this token's issuer exactly. */
  names(presented: PresentedToken): Awaitable<boolean>;
  /** Whether a token of such an issuer is also for this method's audience; decides between methods that name one issuer. */
  addresses?(presented: PresentedToken): Awaitable<boolean>;
  /** The issuers and audiences that the configuration names; two methods must not name the same in one place. */
  readonly territory?: { readonly issuers: ReadonlySet<string>; readonly audiences: readonly string[] | undefined };
  /** Present on methods that take what nobody names: whether they know the key that the token names. */
  knows?(presented: PresentedToken): Promise<boolean>;
  /** The tokens that this method verified before, so that nobody need read them again. */
  readonly known?: KnownTokens | undefined;
  /** Verifies a token that belongs to this method. @throws AuthError */
  verify(presented: PresentedToken, req: AuthRequest): Awaitable<Authenticated>;
  readonly listeners: readonly OnEvent[];
  /** The people that this method's tokens speak for; those of `jwtAuth` where it has none of its own. */
  readonly users?: UserDirectory | undefined;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

/** Where a method keeps its inner side. */
const AUTHENTICATOR = Symbol.for('sallyport.method');

/** Gives a method its inner side, for `jwtAuth`. */
export function registerAuthenticator(method: AuthMethod, authenticator: Authenticator): void {
  Object.defineProperty(method, AUTHENTICATOR, { value: authenticator });
}

/** The inner side of a method; `undefined` for what is none. */
export function authenticatorOf(method: AuthMethod): Authenticator | undefined {
  return (method as { readonly [AUTHENTICATOR]?: Authenticator } | undefined | null)?.[AUTHENTICATOR];
}
