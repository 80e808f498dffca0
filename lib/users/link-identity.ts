import { ForbiddenError, UnauthorizedError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { missingClaim } from '../errors/token-refusals.js';
import { assertImplements, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { Principal } from '../principal/principal.js';
import { provenIdentityOf, type VerifiedIdentity } from '../principal/user-identity.js';
import { resolveTimeout } from './resolve-users-options.js';
import { withinTime } from './time-limit.js';
import type { UserStore } from './user-store.js';

/** Options of {@link linkIdentity}. */
export interface LinkIdentityOptions {
  /** Store that holds the user. */
  store: UserStore;
  /** Principal of the request, with a user of that store, who gets the identity. */
  user: Principal | undefined;
  /** Principal that another auth method made from a token of the identity to link. */
  proof: Principal | undefined;
  /**
   * Greatest age of the proof's token in seconds, 1 to 3600.
   * @default 300
   */
  maxAge?: number | undefined;
}

/** Outcome of {@link linkIdentity}. `owned_by_other`: the identity belongs to another user, and stays there. */
export type LinkVerdict = Awaited<ReturnType<UserStore['link']>>;

const MAX_AGE = 300;
const LINKING = { option: 'linkIdentity.store' };

/**
 * Checks that a principal has a user of a store. Without a store, the id of a person is `issuer|subject`, which no
 * store knows.
 * @throws {ForbiddenError} `user_not_registered` when the principal is not a person.
 * @throws {ConfigurationError} when it has no user of a store.
 */
function assertStoredUser({ type, id, issuer, subject }: Principal): void {
  if (type !== 'user') throw new ForbiddenError('user_not_registered');
  if (id === `${issuer}|${subject}`) {
    throw new ConfigurationError('linkIdentity.user', 'has no user of a store behind it; give its method users');
  }
}

/**
 * Returns the verified identity of a proof.
 * @throws {InvalidTokenError} `claim_missing` when the proof is not a person's.
 * @throws {ConfigurationError} when no auth method made the principal.
 * @throws {UnauthorizedError} `insufficient_user_authentication` when its token is too old.
 */
function provenIdentity(proof: Principal, maxAge: number): VerifiedIdentity {
  const identity = provenIdentityOf(proof);
  if (identity === undefined) {
    if (proof.type !== 'user') throw missingClaim('sub', { hint: 'The proof speaks for no person.' });
    throw new ConfigurationError('linkIdentity.proof', 'is no principal that an auth method made out of a token');
  }
  const { issuedAt } = identity.user;
  if (issuedAt === undefined || Date.now() / 1000 - issuedAt > maxAge) {
    throw new UnauthorizedError('insufficient_user_authentication', { challenge: { max_age: String(maxAge) } });
  }
  return identity;
}

/**
 * Links one more identity to the user of a request, in a route of the application. The request carries two tokens, one
 * of the user and one of the identity, so nothing needs to be kept between requests.
 *
 * ```ts
 * const other = oidcBearer({ issuer, audience, tokenFrom: fromHeader('x-link-token') });
 * app.post('/me/identities', async (req, res) => {
 *   res.json({ verdict: await linkIdentity({ store, user: principalOf(req), proof: await other.authenticate(req) }) });
 * });
 * ```
 *
 * A store with `subscribe` tells the methods that use it, and the next request of that identity finds the user. With
 * another store, call `method.invalidate({ user })`.
 *
 * @throws {UnauthorizedError} `credentials_missing` when `user` or `proof` is `undefined`.
 * @throws {UnauthorizedError} `insufficient_user_authentication` when the proof's token is older than `maxAge`, or has
 * no `iat`.
 * @throws {InvalidTokenError} `claim_missing` when the proof is not a person's.
 * @throws {ForbiddenError} `user_not_registered` when `user` is not a person.
 * @throws {ServiceUnavailableError} `provisioning_unavailable` when the store does not answer.
 * @throws {ConfigurationError} when a principal was built by hand, `user` has no store, or an option is wrong.
 */
export async function linkIdentity(options: LinkIdentityOptions): Promise<LinkVerdict> {
  checkOptionNames(
    'linkIdentity',
    options,
    namesOf<LinkIdentityOptions>()({ store: true, user: true, proof: true, maxAge: true }),
  );
  const { store, user, proof, maxAge = MAX_AGE } = options;
  assertImplements('linkIdentity.store', store, ['link']);
  assertSeconds('linkIdentity.maxAge', maxAge, { min: 1, max: 3600 });
  if (user === undefined || proof === undefined) throw new UnauthorizedError('credentials_missing');
  assertStoredUser(user);
  const identity = provenIdentity(proof, maxAge).inTenant(provenIdentityOf(user)?.tenant ?? '');
  return withinTime(LINKING, resolveTimeout('linkIdentity'), () => store.link(user.id, identity.user));
}
