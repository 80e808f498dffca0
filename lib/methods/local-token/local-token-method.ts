import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction } from '../../errors/responder.js';
import type { LoginLimitOptions } from '../../grants/attempt-options.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import type { Principal } from '../../principal/principal.js';
import type { RoleBinding } from '../../principal/role-bindings.js';
import type { SessionCookie } from './session-cookie.js';

/** Connect middleware that answers some paths and hands every other request on. */
export type Router = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/** Options of `localToken().loginRouter()`. */
export interface LoginRouterOptions {
  /** Auth methods whose tokens may be exchanged for a local one; a login names one of them. */
  methods: readonly AuthMethod[];
  /**
   * Rules that give roles to local tokens, as Consul's binding rules do. A principal without any such role gets no
   * token (403).
   * @default undefined, every principal gets a token
   */
  roleBindings?: readonly RoleBinding[];
  /**
   * Most failed logins per minute; further ones are a 429. Logins that succeed are not counted, and neither are outages
   * and refusals of a good token (403). `false`: no limit.
   * @default { perPeer: 60, overall: 600 }
   */
  attemptLimit?: false | LoginLimitOptions | undefined;
}

/** Owner of a token to issue: a principal, or the part of one that the application knows. */
export type TokenOwner = Pick<Principal, 'type' | 'id'> & Partial<Principal>;

/** Issued token, and when it expires. */
export interface IssuedToken {
  /** Token as text. */
  readonly token: string;
  /** End of the token. */
  readonly expiresAt: Date;
  /** Returns the token, so that the object can be put into a text: `Bearer ${issued}`. */
  toString(): string;
}

/** Auth method that {@link localToken} returns: it verifies tokens and issues them. */
export interface LocalTokenMethod extends AuthMethod {
  /**
   * Issues a token for a principal. It never outlives the credential that the principal came with.
   * @param options `ttl`: lifetime in seconds, 1 to 31536000; by default that of the method.
   * @throws {InvalidTokenError} `token_expired` when that credential has ended, `token_too_large` when the principal
   * has so many members that no method would accept the token.
   * @throws {ConfigurationError} when `ttl` is out of bounds, or `principal` is anonymous or no principal.
   */
  issue(principal: TokenOwner, options?: { ttl?: number }): Promise<IssuedToken>;
  /** Revokes a token of this method, as text or as `issue` returned it. `false`: it is none, or has expired. */
  revoke(token: string | IssuedToken): Promise<boolean>;
  /**
   * Creates a router for sign-in and sign-out. `POST /login` takes `{ method, token }` as JSON, as Consul does: the
   * name of a method and a token that it accepts. The answer is `{ token, expiresAt }`, and the cookie where one is
   * configured. `POST /logout` revokes the local token that it is called with.
   * @throws {ConfigurationError} when an option is missing, unknown or wrong.
   */
  loginRouter(options: LoginRouterOptions): Router;
  /** Cookie that holds the token, where one is configured. */
  readonly cookie: SessionCookie | undefined;
}
