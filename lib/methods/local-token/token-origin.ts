import type { JWTPayload } from 'jose';
import { invalidClaim } from '../../errors/token-refusals.js';
import type { Session } from '../../principal/authenticated.js';
import type { Principal } from '../../principal/principal.js';
import { consumerIssuer, type PersonClaims, VerifiedIdentity } from '../../principal/user-identity.js';
import { isPlainRecord } from '../../tokens/jose-header.js';
import type { TokenOwner } from './local-token-method.js';

/** Where the owner of a local token signed in: what revocations and users are asked about beside the token itself. */
export interface TokenOrigin {
  readonly iss: string;
  readonly sub: string;
  /** Session at the issuer. */
  readonly sid?: string;
  /** When the token was issued that the owner signed in with, in seconds since the epoch. */
  readonly iat?: number;
  /** Name of the method that the owner signed in through. */
  readonly method?: string;
  /** Whether the owner was a user of the application then. */
  readonly registered: boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Reads the origin in a local token; `undefined` where it has none. @throws {InvalidTokenError} when it is not ours. */
export function readOrigin({ origin }: Readonly<JWTPayload>): TokenOrigin | undefined {
  if (origin === undefined) return undefined;
  if (!isPlainRecord(origin) || !isText(origin.iss) || !isText(origin.sub))
    throw invalidClaim('origin', 'is not what local tokens say');
  const { iss, sub, sid, iat, method, registered } = origin;
  return {
    iss,
    sub,
    ...(isText(sid) ? { sid } : {}),
    ...(typeof iat === 'number' ? { iat } : {}),
    ...(isText(method) ? { method } : {}),
    registered: registered === true,
  };
}

/** Says where an owner signed in; `undefined` where nobody vouched for them but the application. */
export function originOf(owner: TokenOwner, self: string | undefined): TokenOrigin | undefined {
  const { type, id, method, issuer, subject, consumer, user, claims = {} } = owner;
  // A token for a session of ours is of the session's origin.
  if (issuer !== undefined && issuer === self) return readOrigin(claims);
  const iss = issuer ?? (consumer === undefined ? undefined : consumerIssuer(consumer.id));
  if (!isText(iss) || !isText(subject)) return undefined;
  const registered = user !== undefined || (type === 'user' && id !== `${iss}|${subject}`);
  const { sid, iat } = claims;
  return {
    iss,
    sub: subject,
    ...(isText(sid) ? { sid } : {}),
    ...(typeof iat === 'number' ? { iat } : {}),
    ...(isText(method) ? { method } : {}),
    registered,
  };
}

/**
 * Claims under which the withdrawal of a sign-in is looked up. Issued is what the owner signed in with: a later local
 * token is no later sign-in.
 */
export function originClaims({ iss, sub, sid, iat }: TokenOrigin, local: Readonly<JWTPayload>): JWTPayload {
  const issued = iat ?? local.iat;
  return {
    iss,
    sub,
    ...(sid === undefined ? {} : { sid }),
    ...(issued === undefined ? {} : { iat: issued }),
    ...(local.exp === undefined ? {} : { exp: local.exp }),
  };
}

/**
 * Says who the person behind a local token is: by its origin or, where it has none, by the application's own name.
 * `undefined` for tokens that are no person's.
 */
export function sessionOf(
  { type, issuer = '', id, username, email, emailVerified, name, groups, claims }: Principal,
  origin: TokenOrigin | undefined,
  asksCallback: boolean,
): Session | undefined {
  if (type !== 'user' && !(type === 'consumer' && origin !== undefined)) return undefined;
  const { iss, sub: subject, registered } = origin ?? { iss: issuer, sub: id, registered: false };
  const known = Object.entries({ username, email, emailVerified, name }).filter(([, value]) => value !== undefined);
  const said: PersonClaims = { ...Object.fromEntries(known), subject, groups };
  const identity = VerifiedIdentity.of(iss, said, origin === undefined ? claims : originClaims(origin, claims));
  return identity && { identity, isRegistered: registered, asksCallback };
}
