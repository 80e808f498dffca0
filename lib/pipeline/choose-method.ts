import { type Awaitable, after, firstThat, settle } from '../clock/awaitable.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { unknownIssuer } from '../errors/token-refusals.js';
import type { PresentedToken } from '../tokens/presented-token.js';
import type { Authenticator, Claim } from './auth-method.js';

/**
 * Finds the method that verifies a token.
 * @throws {InvalidTokenError} when no method does.
 */
export type Router = (presented: PresentedToken) => Awaitable<Authenticator>;

/** Asks a method whether a token belongs to it. A method that cannot read the token does not claim it. */
function claimOf(method: Authenticator, presented: PresentedToken): Awaitable<Claim> {
  return settle(
    () => method.claims(presented),
    (claim) => claim,
    (thrown): Claim => {
      if (InvalidTokenError.is(thrown)) return 'no';
      throw thrown;
    },
  );
}

/**
 * Chooses among methods for tokens that no method claims: the only one, or the first that does not answer `no`, or the
 * first.
 */
function chooseAmongRest(
  presented: PresentedToken,
  rest: readonly Authenticator[],
  possible: readonly Authenticator[],
): Awaitable<Authenticator> {
  const [first, ...others] = rest;
  // Reading the content refuses a malformed token here, before its issuer is called unknown.
  if (first === undefined) throw unknownIssuer(presented.content.claims.iss, presented.otherIssuers ?? []);
  if (others.length === 0) return first;
  const may = (method: Authenticator): Awaitable<boolean> =>
    possible.includes(method) || after(claimOf(method, presented), (claim) => claim !== 'no');
  return after(firstThat(rest, may), (found) => found ?? first);
}

const takesWhatIsLeft = ({ scope: { asked } }: Authenticator) => asked === 'last' || asked === 'rest';

/** Sorts methods that accept all remaining tokens behind those that look a token up. */
function inOrder(methods: readonly Authenticator[]): readonly Authenticator[] {
  const early = methods.slice(0, methods.findLastIndex(({ scope }) => scope.asked === 'last') + 1);
  const isRest = ({ scope }: Authenticator) => scope.asked === 'rest';
  return [...early.filter((one) => !isRest(one)), ...early.filter(isRest), ...methods.slice(early.length)];
}

/** Methods of one place for which the form of a token does not decide. */
interface Asked {
  readonly all: readonly Authenticator[];
  /** Methods that can claim a token. */
  readonly next: readonly Authenticator[];
  /** Configured issuers of these methods, for the detail of a refusal. */
  readonly issuers: readonly string[];
}

function chooseByClaim(presented: PresentedToken, { all, next, issuers }: Asked): Awaitable<Authenticator> {
  const possible: Authenticator[] = [];
  const isMine = (method: Authenticator): Awaitable<boolean> =>
    after(claimOf(method, presented), (claim) => {
      if (claim === 'maybe') possible.push(method);
      return claim === 'mine';
    });
  return after(firstThat(next, isMine), (found) => {
    // A token of a method's issuer belongs to that method even if it is for another audience.
    const named = found ?? possible.find(({ scope }) => scope.issuers !== undefined);
    if (named !== undefined) return named;
    presented.otherIssuers = issuers;
    const rest = all.filter((method) => takesWhatIsLeft(method) || possible.includes(method));
    return chooseAmongRest(presented, rest, possible);
  });
}

/**
 * Makes the router for methods that read one place. `mine` beats `maybe`, and the first in the list wins. In order: the
 * method that recognises the form of a token that is no JWT; the one that has the token's issuer exactly, for its
 * audience where several have it; else the one for tokens that no method claims. A refusal never falls through to
 * another method.
 *
 * The router throws {@link InvalidTokenError}: `issuer_unknown` where no method has the issuer, `token_malformed` where
 * the token cannot be read.
 */
export function routerFor(candidates: readonly [Authenticator, ...Authenticator[]]): Router {
  const [only, ...others] = candidates;
  if (others.length === 0) return () => only;
  const all = inOrder(candidates.filter(({ scope }) => scope.asked !== 'first'));
  const first = candidates.filter(({ scope }) => scope.asked === 'first');
  const next = all.filter((method) => !takesWhatIsLeft(method));
  const issuers = next.flatMap(({ scope }) => (typeof scope.issuers === 'object' ? [...scope.issuers] : []));
  const asked = { all, next, issuers };
  const [last, ...more] = all;
  return (presented) =>
    after(
      firstThat(first, (method) => after(claimOf(method, presented), (claim) => claim === 'mine')),
      (found) => found ?? (last !== undefined && more.length === 0 ? last : chooseByClaim(presented, asked)),
    );
}

/** Makes the router for each set of methods that share a place, once, on first use. */
export function routersAmong(methods: readonly Authenticator[]): typeof routerFor {
  const made = new Map<string, Router>();
  return (candidates) => {
    const set = candidates.map((candidate) => methods.indexOf(candidate)).join();
    const router = made.get(set) ?? routerFor(candidates);
    made.set(set, router);
    return router;
  };
}
