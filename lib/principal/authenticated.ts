import { createPrincipal, type Principal } from './principal.js';
import type { VerifiedIdentity } from './user-identity.js';

/** Session: the person for whom the application issued a token of its own. */
export interface Session {
  /** Identity of the person at the issuer where they signed in. */
  readonly identity: VerifiedIdentity;
  /** Whether the person was a user of the application when the token was issued. */
  readonly isRegistered: boolean;
  /** Whether a users callback is asked about the person too, and not only a store. */
  readonly asksCallback: boolean;
}

/** Authenticated result: everything about a verified request that later steps need, as one value. */
export interface Authenticated {
  readonly principal: Principal;
  /**
   * Identity of the verified person; `undefined` for programs. The member is required, so that the compiler demands it
   * wherever one result is made from another.
   */
  readonly identity: VerifiedIdentity | undefined;
  /** Person whose status is checked, where the application issued the token. A session proves no identity. */
  readonly session?: Session | undefined;
  /** Verified token, where the method passes it on to the application. */
  readonly token?: string | undefined;
  /** Key of the consumer's credential, where the method passes it on to the application. */
  readonly credentialKey?: string | undefined;
}

/** Returns an authenticated result with changed members of its principal, and all else unchanged. */
export function withPrincipal(authenticated: Authenticated, fields: Partial<Principal>): Authenticated {
  return { ...authenticated, principal: createPrincipal({ ...authenticated.principal, ...fields }) };
}
