import type { ClaimPath } from './claim-path.js';

/** Claim paths by the member of the principal that they become. */
export interface ClaimMapping {
  /**
   * Path of the subject, which with the issuer identifies a person.
   * @default 'sub'; none of a consumer's token
   */
  subject?: ClaimPath | undefined;
  /**
   * Path of the username.
   * @default 'preferred_username'; none of a consumer's token
   */
  username?: ClaimPath | undefined;
  /**
   * Path of the e-mail address.
   * @default 'email'; none of a consumer's token
   */
  email?: ClaimPath | undefined;
  /**
   * Path of the claim that tells whether the address is verified.
   * @default 'email_verified'; none of a consumer's token
   */
  emailVerified?: ClaimPath | undefined;
  /**
   * Path of the full name.
   * @default 'name'; none of a consumer's token
   */
  name?: ClaimPath | undefined;
  /**
   * Path of the groups.
   * @default 'groups'; none of a consumer's token
   */
  groups?: ClaimPath | undefined;
  /**
   * Path of the roles.
   * @default 'roles'; none of a consumer's token
   */
  roles?: ClaimPath | undefined;
  /**
   * Path of the scopes: a list, or a text with spaces between them.
   * @default `scope`, or else `scp`; none of a consumer's token
   */
  scopes?: ClaimPath | undefined;
  /**
   * Paths of single values, by their names in `principal.attributes`. Consul's `ClaimMappings` has path and name the
   * other way round.
   * @default {}
   */
  attributes?: Readonly<Record<string, ClaimPath>> | undefined;
  /**
   * Paths of lists, by their names in `principal.listAttributes`. Consul's `ListClaimMappings` has path and name the
   * other way round.
   * @default {}
   */
  lists?: Readonly<Record<string, ClaimPath>> | undefined;
}

/** Mapped claims; a missing claim has no member. */
export interface MappedClaims {
  readonly subject?: string;
  readonly username?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly listAttributes: Readonly<Record<string, readonly string[]>>;
}
