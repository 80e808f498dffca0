import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction } from '../../errors/responder.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import type { Principal } from '../../principal/principal.js';
import type { RoleBinding } from '../../principal/role-bindings.js';
import type { SessionCookie } from './session-cookie.js';

/** A Connect middleware that answers some paths and hands on everything else. */
export type Router = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/** Options of `localToken().loginRouter()`. */
export interface LoginRouterOptions {
  /** Whose tokens may be swapped for a local one; chosen by name. */
  methods: readonly AuthMethod[];
  /** Roles of local tokens, as Consul's binding rules: who gets none gets no token (403). Default: everybody gets one. */
  roleBindings?: readonly RoleBinding[];
}

/** Whom a token is for: a principal, or what of one the application knows by itself. */
export type TokenOwner = Pick<Principal, 'type' | 'id'> & Partial<Principal>;

/** A token that was issued, and when it ends. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
  /** The token, so that it can be put into a text: `Bearer ${issued}`. */
  toString(): string;
}

/** The method that {@link localToken} returns: it verifies, and it issues. */
export interface LocalTokenMethod extends AuthMethod {
  /**
   * Issues a token for a principal; it never outlives the credential that the principal came with.
   * @param options `ttl`: seconds, 1 to 31536000; by default the method's own.
   * @throws InvalidTokenError `token_expired` if that credential has ended, `token_too_large` if so much stands in the
   * principal that no method would take the token; ConfigurationError for a `ttl` out of bounds, an anonymous
   * principal, or what is none.
   */
  issue(principal: TokenOwner, options?: { ttl?: number }): Promise<IssuedToken>;
  /** Withdraws a token of ours, as text or as `issue` returned it. False for anything that is none, or has ended. */
  revoke(token: string | IssuedToken): Promise<boolean>;
  /**
   * `POST /login` takes `{ method, token }` as JSON, as Consul does: a method's name and a token that it accepts. The
   * answer is `{ token, expiresAt }`, and the cookie where one is configured. `POST /logout` revokes the local token
   * that it is called with.
   * @throws ConfigurationError at creation.
   */
  loginRouter(options: LoginRouterOptions): Router;
  /** The cookie form, where one is configured. */
  readonly cookie: SessionCookie | undefined;
}
