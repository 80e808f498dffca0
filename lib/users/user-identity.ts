import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Principal } from '../principal/principal.js';

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

/** What a principal is made from, if it is a person: everything but the key, which the principal has. */
export type IdentityFacts = Pick<Principal, 'subject'> &
  Pick<UserIdentity, 'email' | 'emailVerified' | 'username' | 'name' | 'groups'>;

/** Made when somebody asks: without users nobody does. */
const identities = new WeakMap<Principal, UserIdentity | (() => UserIdentity)>();

function identityFrom(principal: Principal, facts: IdentityFacts & IdentityKey): UserIdentity {
  const { tenant, issuer, subject, email, emailVerified, username, name, groups } = facts;
  const { claims } = principal;
  const key = { tenant, issuer, subject };
  const said = Object.entries({ email, emailVerified, username, name, groups, issuedAt: claims.iat });
  const known: Partial<UserIdentity> = Object.fromEntries(said.filter(([, value]) => value !== undefined));
  return Object.freeze({ ...known, ...key, key: identityDigest(key), claims });
}

/**
 * Ties an identity to the principal that a verifier just made. It is kept beside the principal and not in it, so
 * nothing an application builds or deserialises can pass for a verified identity.
 */
export function tieIdentity(principal: Principal, issuer: string, facts: IdentityFacts): void {
  const { subject } = facts;
  if (subject === undefined || subject === '') return;
  identities.set(principal, () => identityFrom(principal, { ...facts, tenant: '', issuer, subject }));
}

/** The identity behind a principal; `undefined` for clients, consumers without users, and anything not ours. */
export function identityOf(principal: Principal): UserIdentity | undefined {
  const found = identities.get(principal);
  if (typeof found !== 'function') return found;
  const identity = found();
  identities.set(principal, identity);
  return identity;
}

/** The same person as seen by one tenant. */
export function inTenant(identity: UserIdentity, tenant: string): UserIdentity {
  if (identity.tenant === tenant) return identity;
  const { issuer, subject } = identity;
  return Object.freeze({ ...identity, tenant, key: identityDigest({ tenant, issuer, subject }) });
}

/** Hands an identity on to the principal that was made out of the one it was tied to. */
export function passIdentityOn(identity: UserIdentity, to: Principal): void {
  identities.set(to, identity);
}
