import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { applicationFault } from '../errors/application-code.js';
import { ForbiddenError } from '../errors/auth-error.js';
import type { UserIdentity } from '../principal/user-identity.js';
import type { ClaimStore } from './claim-store.js';
import { resolveCallbackOptions } from './resolve-users-options.js';
import type { ResolvedUser, UserSource } from './resolved-user.js';
import { idOf } from './sound-user.js';
import { type ProvisioningPlace, withinTime } from './time-limit.js';
import type { UsersCallback, UsersCallbackOptions } from './users-options.js';

/** How often a process that waits for another one's registration looks again. */
const POLL_MS = 25;

/** Anything but an object or `null` is a mistake in the callback, and lets nobody in. A missing `return` is the usual one. */
function readAnswer(answer: unknown, place: ProvisioningPlace): ResolvedUser {
  if (answer === null) throw new ForbiddenError('user_not_registered');
  if (answer === undefined) {
    const hint = 'the users callback answered undefined: a return is missing, or null for somebody who is not known';
    throw applicationFault(place.option, place, new TypeError(hint));
  }
  if (typeof answer !== 'object' || Array.isArray(answer)) {
    throw new TypeError('the users callback must answer with an object, or with null');
  }
  return { id: idOf(answer), user: answer, groups: undefined, created: undefined };
}

interface Question {
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

/** One process' hold on an identity. */
interface Claim {
  readonly claims: ClaimStore;
  readonly key: string;
  readonly owner: string;
}

/** The lease runs out by itself, and what went wrong before is what counts. */
async function letGo({ claims, key, owner }: Claim): Promise<void> {
  await claims.release(key, owner).catch(() => undefined);
}

/** Waits until the claim is ours or settled. */
async function awaitClaim(claim: Claim, lease: number, signal: AbortSignal): Promise<'acquired' | 'done'> {
  for (;;) {
    const state = await claim.claims.acquire(claim.key, claim.owner, lease);
    if (state === 'acquired' && signal.aborted) await letGo(claim);
    signal.throwIfAborted();
    if (state !== 'held') return state;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Meets an identity first, among all processes, or after the one that did. */
async function askUnderClaim(
  callback: UsersCallback,
  claims: ClaimStore,
  lease: number,
  question: Question,
): Promise<ResolvedUser> {
  const claim = { claims, key: question.identity.key, owner: randomUUID() };
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

/** The application's own function, one call at a time per identity; with a claim store, one process first. */
export function callbackSource(option: string, given: UsersCallback | UsersCallbackOptions): UserSource {
  const { callback, timeout, claims } = resolveCallbackOptions(option, given);
  const place = { option };
  return {
    tenant: '',
    // Whatever else a token says reaches the callback when its last answer has aged.
    variantOf: () => '',
    resolve: (identity, { req, seenBefore }) =>
      withinTime(place, timeout, (signal) => {
        const question = { place, identity, req, signal };
        if (seenBefore) return ask(callback, 'refresh', question);
        if (claims === undefined) return ask(callback, 'first-seen', question);
        return askUnderClaim(callback, claims, timeout * 2, question);
      }),
  };
}
