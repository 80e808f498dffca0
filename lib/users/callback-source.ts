import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { applicationFault } from '../errors/application-code.js';
import { ForbiddenError } from '../errors/auth-error.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { ClaimStore } from './provisioning-lease.js';
import { resolveCallbackOptions } from './resolve-users-options.js';
import type { CachePlace, ResolvedUser, UserSource } from './resolved-user.js';
import { idOf } from './sound-user.js';
import { asProvisioningError, type ProvisioningPlace, withinTime } from './time-limit.js';
import type { UsersCallback, UsersCallbackOptions } from './users-options.js';

/** Milliseconds between two looks of a process that waits for another process's registration. */
const POLL_MS = 25;

/**
 * Reads the answer of the callback. Anything but an object or `null` is a mistake, such as a missing `return`, and
 * admits nobody. A record may have no id; one that has an id which is none, such as `NaN` or `null`, is a mistake too.
 * @throws {ForbiddenError} `user_not_registered` when the answer is `null`.
 */
function readAnswer(answer: unknown, place: ProvisioningPlace): ResolvedUser {
  if (answer === null) throw new ForbiddenError('user_not_registered');
  if (answer === undefined) {
    const hint = 'the users callback answered undefined: a return is missing, or null for somebody who is not known';
    throw applicationFault(place.option, place, new TypeError(hint));
  }
  if (typeof answer !== 'object' || Array.isArray(answer)) {
    throw new TypeError('the users callback must answer with an object, or with null');
  }
  const record: { readonly id?: unknown } = answer;
  const id = idOf(record);
  if (id === undefined && record.id !== undefined) {
    const hint = 'the users callback answered an id that is neither a text nor an exact whole number';
    throw applicationFault(place.option, place, new TypeError(hint));
  }
  return { id, user: answer, groups: undefined, created: undefined };
}

/** Arguments of one call of the callback. */
interface Question {
  /** Key under which processes exclude each other. */
  readonly key: string;
  readonly place: ProvisioningPlace;
  readonly identity: UserIdentity;
  readonly req: IncomingMessage;
  readonly signal: AbortSignal;
}

async function ask(
  callback: UsersCallback,
  reason: 'first-seen' | 'refresh',
  { place, identity, req, signal }: Question,
): Promise<ResolvedUser> {
  return readAnswer(await callback(identity, { reason, signal, idempotencyKey: identity.key, req }), place);
}

/** Claim of this process on resolving an identity first. */
interface Claim {
  readonly claims: ClaimStore;
  readonly key: string;
  readonly owner: string;
}

/**
 * Releases a claim. A failure is ignored: the lease ends by itself, and the error that led here is the one to report.
 */
async function letGo({ claims, key, owner }: Claim): Promise<void> {
  await claims.release(key, owner).catch(() => undefined);
}

/** Waits until this process holds the claim, or another one has completed it. */
async function awaitClaim(claim: Claim, lease: number, signal: AbortSignal): Promise<'acquired' | 'done'> {
  for (;;) {
    const state = await claim.claims.acquire(claim.key, claim.owner, lease);
    if (state === 'acquired' && signal.aborted) await letGo(claim);
    signal.throwIfAborted();
    if (state !== 'held') return state;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Calls the callback as the first process that resolves the identity, or after the process that was first. */
async function askUnderClaim(
  callback: UsersCallback,
  claims: ClaimStore,
  lease: number,
  question: Question,
): Promise<ResolvedUser> {
  const claim = { claims, key: question.key, owner: randomUUID() };
  if ((await awaitClaim(claim, lease, question.signal)) === 'done') return ask(callback, 'refresh', question);
  let resolved: ResolvedUser;
  try {
    resolved = await ask(callback, 'first-seen', question);
  } catch (thrown) {
    await letGo(claim);
    throw thrown;
  }
  await claims.complete(claim.key, claim.owner);
  return resolved;
}

/**
 * Calls the option `variant` for what the answer depends on beside the identity.
 * @throws {ServiceUnavailableError} `provisioning_unavailable` when it throws or returns no string.
 */
function variantOf(
  place: ProvisioningPlace,
  variant: UsersCallbackOptions['variant'],
  identity: UserIdentity,
  req: IncomingMessage,
): string {
  if (variant === undefined) return '';
  try {
    const name: unknown = variant(identity, req);
    if (typeof name !== 'string') throw new TypeError('variant must return a string, and no promise of it');
    return name;
  } catch (thrown) {
    throw asProvisioningError(place, thrown);
  }
}

/**
 * Makes a user source out of the application's callback.
 * @throws {ConfigurationError} when an option is missing or wrong.
 */
export function callbackSource(option: string, given: UsersCallback | UsersCallbackOptions): UserSource {
  const { callback, cache, variant, timeout, claims } = resolveCallbackOptions(option, given);
  const place = { option };
  const variantPlace = { option: `${option}.variant` };
  /** Key of an identity, with its variant where the option `variant` is given. */
  const nameOf = (identity: UserIdentity, req: IncomingMessage) => {
    const name = variantOf(variantPlace, variant, identity, req);
    return variant === undefined
      ? identity.key
      : `${identity.key}:${createHash('sha256').update(name).digest('base64url')}`;
  };
  return {
    tenant: '',
    placeOf({ user, fingerprint }, req): CachePlace {
      const name = nameOf(user, req);
      const met = cache || variant !== undefined ? name : undefined;
      return { slot: `${name}:${fingerprint}`, variant: '', name, met, keeps: cache };
    },
    resolve: (identity, { req, place: { name }, seenBefore }) =>
      withinTime(place, timeout, (signal) => {
        const question = { key: name, place, identity, req, signal };
        if (seenBefore) return ask(callback, 'refresh', question);
        if (claims === undefined) return ask(callback, 'first-seen', question);
        return askUnderClaim(callback, claims, timeout * 2, question);
      }),
  };
}
