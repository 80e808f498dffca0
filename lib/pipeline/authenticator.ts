import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../clock/awaitable.js';
import type { OnEvent } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Principal } from '../principal/principal.js';
import { type CompactToken, readCompactToken, type TokenContent } from '../tokens/compact-token.js';
import type { FoundToken } from '../tokens/find-token.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { UserDirectory } from '../users/user-directory.js';
import { tokenDigest } from '../verification/verified-token-cache.js';
import type { AuthMethod } from './auth-method.js';

/** A presented token, read at most once however many methods look at it. */
export class PresentedToken {
  readonly token: string;
  #sources: readonly TokenSource[];
  #read: CompactToken | undefined;
  #recalled: TokenContent | undefined;
  #digest: string | undefined;

  constructor({ token, sources }: FoundToken) {
    this.token = token;
    this.#sources = sources;
  }

  /** Every place where it stands, as far as the methods that were asked read them. */
  get sources(): readonly TokenSource[] {
    return this.#sources;
  }

  /** The same token, found by another method in places of its own. */
  alsoIn(sources: readonly TokenSource[]): void {
    const others = sources.filter((source) => !this.#sources.includes(source));
    if (others.length > 0) this.#sources = [...this.#sources, ...others];
  }

  /** The key of this token in caches. */
  get digest(): string {
    this.#digest ??= tokenDigest(this.token);
    return this.#digest;
  }

  /** Takes over what this very token says from a method that verified it before; whether there was one. */
  recall(content: TokenContent | undefined): boolean {
    this.#recalled ??= content;
    return this.#recalled !== undefined;
  }

  /** What the token says, read only where nobody recalls it. @throws InvalidTokenError if nobody can read it. */
  get content(): TokenContent {
    return this.#recalled ?? this.read();
  }

  /** Passes the form gate, or throws what it says. */
  read(): CompactToken {
    this.#read ??= readCompactToken(this.token);
    return this.#read;
  }
}

/** Tells the application who an admitted request is in headers that the method writes on it. */
export type Announce = (req: IncomingMessage, principal: Principal) => void;

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
  /** What a token says that this method verified before, so that routing need not read it again. */
  recalls?(presented: PresentedToken): TokenContent | undefined;
  /** Verifies a token that is this method's to judge. @throws AuthError */
  verify(presented: PresentedToken, req: AuthRequest): Awaitable<Principal>;
  readonly listeners: readonly OnEvent[];
  /** The people that this method's tokens speak for; those of `jwtAuth` where it has none of its own. */
  readonly users?: UserDirectory | undefined;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

const authenticators = new WeakMap<AuthMethod, Authenticator>();

/** Remembers the inner side of a method, for `jwtAuth`. */
export function registerAuthenticator(method: AuthMethod, authenticator: Authenticator): void {
  authenticators.set(method, authenticator);
}

export function authenticatorOf(method: AuthMethod): Authenticator | undefined {
  return authenticators.get(method);
}
