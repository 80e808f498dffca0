import { ForbiddenError, UnauthorizedError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { missingClaim } from '../errors/token-refusals.js';
import { assertImplements, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { Authenticated } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import type { VerifiedIdentity } from '../principal/user-identity.js';
import { resolveTimeout } from './resolve-users-options.js';
import { withinTime } from './time-limit.js';
import type { UserStore } from './user-store.js';

/** What {@link linkIdentity} takes. */
export interface LinkIdentityOptions {
  /** The store that the user is kept in. */
  store: UserStore;
  /** Who asks: the principal of this request, with a user of that store behind it. */
  user: Principal | undefined;
  /** The other identity: the principal that another auth method made out of a token of its own. */
  proof: Principal | undefined;
  /**
   * Seconds since the proof's token was issued, 1 to 3600.
   * @default 300
   */
  maxAge?: number | undefined;
}

/** What became of a link. `owned_by_other`: the identity is another user's, and stays it. */
export type LinkVerdict = Awaited<ReturnType<UserStore['link']>>;

const MAX_AGE = 300;
const LINKING = { option: 'linkIdentity.store' };

/**
 * The identities behind principals that were handed to the application. Beside them and not in them, so that nothing
 * an application builds or deserialises passes for a verified identity.
 */
const proven = new WeakMap<Principal, VerifiedIdentity>();

/** Remembers whose a principal is that the application is about to get, so that it can be linked. */
export function rememberProof({ principal, identity }: Authenticated): void {
  if (identity !== undefined) proven.set(principal, identity);
}

/** Where no store is plugged in, people go by `issuer|subject`, which no store knows. */
function assertStoredUser({ type, id, issuer, subject }: Principal): void {
  if (type !== 'user') throw new ForbiddenError('user_not_registered');
  if (id === `${issuer}|${subject}`) {
    throw new ConfigurationError('linkIdentity.user', 'has no user of a store behind it; give its method users');
  }
}

/** The verified identity that a proof stands for. Nothing that was built or parsed passes for one. */
function provenIdentity(proof: Principal, maxAge: number): VerifiedIdentity {
  const identity = proven.get(proof);
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
 * Ties one more identity to the user of a request, in a route of the application. Two verified tokens in one request
 * are all that it takes, and nothing is kept in between: who asks, and the identity that is theirs as well.
 *
 * ```ts
 * const other = oidcBearer({ issuer, audience, tokenFrom: fromHeader('x-link-token') });
 * app.post('/me/identities', async (req, res) => {
 *   res.json({ verdict: await linkIdentity({ store, user: principalOf(req), proof: await other.authenticate(req) }) });
 * });
 * ```
 *
 * A store that has `subscribe` tells the methods that use it, and the next request of that identity finds the user;
 * with another one call `method.invalidate({ user })`.
 *
 * @throws UnauthorizedError `credentials_missing` where one of the two is `undefined`;
 * `insufficient_user_authentication` where the proof's token is older than `maxAge`, or does not say how old it is.
 * @throws InvalidTokenError `claim_missing` where the proof speaks for no person.
 * @throws ForbiddenError `user_not_registered` where who asks is not a person.
 * @throws ServiceUnavailableError `provisioning_unavailable` where the store does not answer.
 * @throws ConfigurationError for a principal that was built by hand, a user of no store, or a wrong option.
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
  const identity = provenIdentity(proof, maxAge).inTenant(proven.get(user)?.tenant ?? '');
  return withinTime(LINKING, resolveTimeout('linkIdentity'), () => store.link(user.id, identity.user));
}
