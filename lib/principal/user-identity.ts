import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { MappedClaims } from './mapped-claims.js';
import type { Principal } from './principal.js';

/** Key of an identity: three separate texts, compared byte for byte. An e-mail address is never part of it. */
export interface IdentityKey {
  /** Tenant whose users are separate from others'; empty where there is one. */
  readonly tenant: string;
  /** Issuer that vouches for the subject. */
  readonly issuer: string;
  /** Subject, as the issuer writes it. */
  readonly subject: string;
}

/** Verified identity of a person, with the claims of its token. Only a verifier can make one. */
export interface UserIdentity extends IdentityKey {
  /** Stable, opaque key: SHA-256 over the three parts. It is safe as an idempotency key and in logs. */
  readonly key: string;
  /** E-mail address as the token writes it; check `emailVerified` before trusting it. */
  readonly email?: string;
  /** Whether the issuer verified the address: `true` only for JSON `true`; `undefined` where the token says nothing. */
  readonly emailVerified?: boolean;
  /** Username, by the claim mapping. */
  readonly username?: string;
  /** Full name, by the claim mapping. */
  readonly name?: string;
  /** Groups of the token; `undefined` where it has no such claim, which differs from an empty list. */
  readonly groups?: readonly string[];
  /** Verified claims of the token. */
  readonly claims: Readonly<JWTPayload>;
  /** Time of issue (`iat`) in seconds since the epoch; orders the statements of several tokens. */
  readonly issuedAt?: number;
}

/** Computes the key of an identity. Length prefixes keep `('a', 'bc')` and `('ab', 'c')` apart. */
export function identityDigest({ tenant, issuer, subject }: IdentityKey): string {
  const hash = createHash('sha256');
  for (const part of [tenant, issuer, subject]) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('base64url');
}

/** Computes a digest of an identity without `exp`, `iat`, `nbf` and `jti`, which differ in every token. */
function fingerprintOf({ issuedAt: _issuedAt, claims, ...said }: UserIdentity): string {
  const { exp: _exp, iat: _iat, nbf: _nbf, jti: _jti, ...lasting } = claims;
  return createHash('sha256')
    .update(JSON.stringify([said, lasting]))
    .digest('base64url');
}

/** Returns the issuer of the people that a consumer's tokens name: each consumer has a name space of its own. */
export const consumerIssuer = (consumerId: string): string => `consumer:${consumerId}`;

/** Members of an identity that come from the claims of its token. */
export type PersonClaims = Pick<MappedClaims, 'subject' | 'email' | 'emailVerified' | 'username' | 'name' | 'groups'>;

/**
 * Verified (issuer, subject) pair with the claims about the person. It is cheap to make: the value for users is
 * computed on first use, and without users never.
 */
export class VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly tenant: string;
  /** Last principal that was handed out for this identity, so that the two are linked once and not on every request. */
  lastProof: Principal | undefined = undefined;
  readonly #said: PersonClaims;
  readonly #claims: Readonly<JWTPayload>;
  #user: UserIdentity | undefined;
  #fingerprint: string | undefined;

  private constructor(key: IdentityKey, said: PersonClaims, claims: Readonly<JWTPayload>) {
    this.issuer = key.issuer;
    this.subject = key.subject;
    this.tenant = key.tenant;
    this.#said = said;
    this.#claims = claims;
  }

  /** Makes the identity of a verified token; `undefined` where it has no subject. */
  static of(issuer: string, said: PersonClaims, claims: Readonly<JWTPayload>): VerifiedIdentity | undefined {
    const { subject } = said;
    if (subject === undefined || subject === '') return undefined;
    return new VerifiedIdentity({ tenant: '', issuer, subject }, said, claims);
  }

  /** Returns this identity within a tenant. */
  inTenant(tenant: string): VerifiedIdentity {
    const { issuer, subject } = this;
    return this.tenant === tenant ? this : new VerifiedIdentity({ tenant, issuer, subject }, this.#said, this.#claims);
  }

  /** Identity as users receive it. */
  get user(): UserIdentity {
    this.#user ??= this.#describe();
    return this.#user;
  }

  /** Digest of what users receive, without times and `jti`: equal for tokens that say the same. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.user);
    return this.#fingerprint;
  }

  #describe(): UserIdentity {
    const { tenant, issuer, subject } = this;
    const { email, emailVerified, username, name, groups } = this.#said;
    const claims = this.#claims;
    const said = Object.entries({ email, emailVerified, username, name, groups, issuedAt: claims.iat });
    const known: Partial<UserIdentity> = Object.fromEntries(said.filter(([, value]) => value !== undefined));
    const key = { tenant, issuer, subject };
    return Object.freeze({ ...known, ...key, key: identityDigest(key), claims });
  }
}

/**
 * Verified identities by the principal that the application received. They are kept in a table and not in the
 * principal, so that no object that an application builds or parses counts as a verified identity.
 */
const proven = new WeakMap<Principal, VerifiedIdentity>();

/** Keeps the identity of a principal that is handed to the application, so that the principal can be a proof. */
export function rememberProof(principal: Principal, identity: VerifiedIdentity | undefined): void {
  if (identity === undefined || identity.lastProof === principal) return;
  identity.lastProof = principal;
  proven.set(principal, identity);
}

/** Returns the identity behind a principal that the application received. */
export const provenIdentityOf = (principal: Principal): VerifiedIdentity | undefined => proven.get(principal);
