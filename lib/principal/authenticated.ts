import { createPrincipal, type Principal } from './principal.js';
import type { VerifiedIdentity } from './user-identity.js';

/** The person behind a token of the application's own: whom it was issued for. */
export interface Session {
  /** Who they are at the issuer that they signed in at. */
  readonly identity: VerifiedIdentity;
  /** Whether they were a user of the application when the token was issued. */
  readonly isRegistered: boolean;
  /** Whether a users callback is asked about them, and not only a store. */
  readonly asksCallback: boolean;
}

/** A verified request, as one value: everything that was found out about it and is wanted further on. */
export interface Authenticated {
  readonly principal: Principal;
  /**
   * The person who was verified; `undefined` for programs and whoever else is nobody's. Always said, so that whoever
   * makes one principal out of another is told by the compiler to bring it along.
   */
  readonly identity: VerifiedIdentity | undefined;
  /** The person whose status is looked at, where the token is the application's own. It proves no identity. */
  readonly session?: Session | undefined;
  /** The token that was verified, where the method passes it on to the application. */
  readonly token?: string | undefined;
  /** The key that names a consumer's credential, where the method passes it on to the application. */
  readonly credentialKey?: string | undefined;
}

/** Changes the principal of a verified request; everything else about the request comes along. */
export function withPrincipal(authenticated: Authenticated, fields: Partial<Principal>): Authenticated {
  return { ...authenticated, principal: createPrincipal({ ...authenticated.principal, ...fields }) };
}
