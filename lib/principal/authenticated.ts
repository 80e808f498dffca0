import { createPrincipal, type Principal } from './principal.js';
import type { VerifiedIdentity } from './user-identity.js';

/** A verified request, as one value: everything that was found out about it and is wanted further on. */
export interface Authenticated {
  readonly principal: Principal;
  /**
   * The person who was verified; `undefined` for programs and whoever else is nobody's. Always said, so that whoever
   * makes one principal out of another is told by the compiler to bring it along.
   */
  readonly identity: VerifiedIdentity | undefined;
  /** The token that was verified, where the method passes it on to the application. */
  readonly token?: string | undefined;
  /** The key that names a consumer's credential, where the method passes it on to the application. */
  readonly credentialKey?: string | undefined;
}

/** Changes the principal of a verified request; everything else about the request comes along. */
export function withPrincipal(authenticated: Authenticated, fields: Partial<Principal>): Authenticated {
  return { ...authenticated, principal: createPrincipal({ ...authenticated.principal, ...fields }) };
}
