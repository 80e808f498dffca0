import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import { invalidClaim } from '../../errors/token-refusals.js';
import type { Authenticated, Session } from '../../principal/authenticated.js';
import type { Principal } from '../../principal/principal.js';
import { consumerIssuer, type PersonClaims, VerifiedIdentity } from '../../principal/user-identity.js';
import { isPlainRecord } from '../../tokens/strict-json.js';
import type { UserDirectory } from '../../users/user-directory.js';
import type { TokenOwner } from './local-token-method.js';

/** Users of the methods that people sign in through, so that a session ends when its user is disabled. */
export class SessionUsers {
  readonly #own: UserDirectory | undefined;
  readonly #byMethod = new Map<string, Set<UserDirectory>>();

  /**
   * Creates the list.
   *
   * @param own users given to `localToken` itself; where given, only they count.
   */
  constructor(own: UserDirectory | undefined) {
    this.#own = own;
  }

  /** Registers the users of a method that people sign in through. */
  add(method: string, users: UserDirectory | undefined): void {
    if (users?.hasStore !== true) return;
    const all = this.#byMethod.get(method) ?? new Set();
    this.#byMethod.set(method, all.add(users));
  }

  /**
   * Checks that the person behind a local token is still admitted, where the users of the sign-in method are known.
   * Otherwise the result has a session, which the users of `jwtAuth` check.
   * @throws {ForbiddenError} when the person is not admitted.
   */
  async confirm(
    authenticated: Authenticated,
    origin: TokenOrigin | undefined,
    req: IncomingMessage,
  ): Promise<Authenticated> {
    const own = this.#own;
    if (own === undefined && origin === undefined) return authenticated;
    const session = sessionOf(authenticated.principal, origin, own?.hasStore === false);
    const opened = session === undefined ? authenticated : { ...authenticated, session };
    const known = this.#byMethod.get(origin?.method ?? '');
    if (own !== undefined || known === undefined) return opened;
    let confirmed = opened;
    for (const users of known) confirmed = await users.attach(confirmed, req);
    return { ...confirmed, session: undefined };
  }
}

/** Sign-in of a local token's owner, about which revocations and users are asked beside the token itself. */
export interface TokenOrigin {
  readonly iss: string;
  readonly sub: string;
  /** Session at the issuer (`sid`). */
  readonly sid?: string;
  /** Time at which the token of the sign-in was issued, in seconds since the epoch. */
  readonly iat?: number;
  /** Name of the method that the owner signed in through. */
  readonly method?: string;
  /** Whether the owner was a user of the application at sign-in. */
  readonly registered: boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * Reads the origin in a local token; `undefined` where it has none.
 * @throws {InvalidTokenError} `claim_invalid` when the claim is malformed.
 */
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

/** Returns the sign-in of an owner; `undefined` where only the application vouches for the owner. */
export function originOf(owner: TokenOwner, self: string | undefined): TokenOrigin | undefined {
  const { type, id, method, issuer, subject, consumer, user, claims = {} } = owner;
  // A token issued for a local token keeps its origin.
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
 * Makes the claims under which the revocation of a sign-in is looked up. `iat` is that of the sign-in, because a local
 * token issued later is no later sign-in.
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
 * Returns the session of a local token: its person by the token's origin, or, where it has none, by the application's
 * own id. `undefined` for tokens that stand for no person.
 */
function sessionOf(
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
