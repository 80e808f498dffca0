import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { MappedClaims } from './claim-mapping.js';

/** The key of a person's identity: three separate texts, compared byte for byte. An e-mail is never part of it. */
export interface IdentityKey {
  /** Keeps the users of several tenants apart; empty where there is one. */
  readonly tenant: string;
  readonly issuer: string;
  readonly subject: string;
}

/** What a verified token says about a person. Only a verifier can make one. */
export interface UserIdentity extends IdentityKey {
  /** Stable and opaque: SHA-256 over the three parts of the key. Safe as an idempotency key and in logs. */
  readonly key: string;
  /** As the token writes it; see `emailVerified` before believing it. */
  readonly email?: string;
  /** `true` only for JSON `true` in the token; `undefined` where the token says nothing. */
  readonly emailVerified?: boolean;
  readonly username?: string;
  readonly name?: string;
  /** `undefined` where the token has no such claim: that is not the same as no groups. */
  readonly groups?: readonly string[];
  readonly claims: Readonly<JWTPayload>;
  /** `iat`, in seconds since the epoch; orders what several tokens say. */
  readonly issuedAt?: number;
}

/** Length prefixes keep `('a', 'bc')` and `('ab', 'c')` apart. */
export function identityDigest({ tenant, issuer, subject }: IdentityKey): string {
  const hash = createHash('sha256');
  for (const part of [tenant, issuer, subject]) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('base64url');
}

/** Digest of an identity without `exp`, `iat`, `nbf` and `jti`, which differ in every token. */
function fingerprintOf({ issuedAt: _issuedAt, claims, ...said }: UserIdentity): string {
  const { exp: _exp, iat: _iat, nbf: _nbf, jti: _jti, ...lasting } = claims;
  return createHash('sha256')
    .update(JSON.stringify([said, lasting]))
    .digest('base64url');
}

/** Issuer of the people whom a consumer's tokens name: a name space of its own. */
export const consumerIssuer = (consumerId: string): string => `consumer:${consumerId}`;

/** What a token says about a person, beside who vouches for it. */
export type PersonClaims = Pick<MappedClaims, 'subject' | 'email' | 'emailVerified' | 'username' | 'name' | 'groups'>;

/**
 * A verified (issuer, subject) pair and what its token says about the person. Cheap to make: what users are given is
 * worked out when it is first asked for, and without users nobody asks.
 */
export class VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly tenant: string;
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

  /** Makes the identity of a token that was just verified; `undefined` where it names nobody. */
  static of(issuer: string, said: PersonClaims, claims: Readonly<JWTPayload>): VerifiedIdentity | undefined {
    const { subject } = said;
    if (subject === undefined || subject === '') return undefined;
    return new VerifiedIdentity({ tenant: '', issuer, subject }, said, claims);
  }

  /** The same person as seen by one tenant. */
  inTenant(tenant: string): VerifiedIdentity {
    const { issuer, subject } = this;
    return this.tenant === tenant ? this : new VerifiedIdentity({ tenant, issuer, subject }, this.#said, this.#claims);
  }

  /** What users are given of it. */
  get user(): UserIdentity {
    this.#user ??= this.#describe();
    return this.#user;
  }

  /** Digest of everything that users are given of it but times and `jti`: equal for tokens that say the same. */
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
