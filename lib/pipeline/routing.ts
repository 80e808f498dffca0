import { type Awaitable, after, firstThat, settle } from '../clock/awaitable.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { unknownIssuer } from '../errors/token-refusals.js';
import type { PresentedToken } from '../tokens/presented-token.js';
import type { Authenticator, Claim } from './auth-method.js';

/** Finds the one method that verifies a token. @throws InvalidTokenError where it is nobody's. */
export type Router = (presented: PresentedToken) => Awaitable<Authenticator>;

/** Asks a method whose a token is. One that cannot tell, because the token lacks what it goes by, does not claim it. */
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

/** Chooses among methods that take what nobody names: the only one, or the first that does not say no, or the first. */
function chooseAmongRest(
  presented: PresentedToken,
  rest: readonly Authenticator[],
  possible: readonly Authenticator[],
): Awaitable<Authenticator> {
  const [first, ...others] = rest;
  // A token that nobody can even read is malformed, and no issuer's.
  if (first === undefined) throw unknownIssuer(presented.content.claims.iss, presented.otherIssuers ?? []);
  if (others.length === 0) return first;
  const may = (method: Authenticator): Awaitable<boolean> =>
    possible.includes(method) || after(claimOf(method, presented), (claim) => claim !== 'no');
  return after(firstThat(rest, may), (found) => found ?? first);
}

const takesWhatIsLeft = ({ scope: { asked } }: Authenticator) => asked === 'last' || asked === 'rest';

/** Puts methods that take whatever is left behind those that look up whether a token is theirs. */
function inOrder(methods: readonly Authenticator[]): readonly Authenticator[] {
  const early = methods.slice(0, methods.findLastIndex(({ scope }) => scope.asked === 'last') + 1);
  const isRest = ({ scope }: Authenticator) => scope.asked === 'rest';
  return [...early.filter((one) => !isRest(one)), ...early.filter(isRest), ...methods.slice(early.length)];
}

/** The methods of one place that do not tell by the form alone. */
interface Asked {
  readonly all: readonly Authenticator[];
  /** Methods that may say that a token is theirs. */
  readonly next: readonly Authenticator[];
  /** The issuers that they name, for the detail of a refusal. */
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
    // A token of an issuer that a method names is that method's, also where it is for somebody else.
    const named = found ?? possible.find(({ scope }) => scope.issuers !== undefined);
    if (named !== undefined) return named;
    presented.otherIssuers = issuers;
    const rest = all.filter((method) => takesWhatIsLeft(method) || possible.includes(method));
    return chooseAmongRest(presented, rest, possible);
  });
}

/**
 * Makes the router of methods that could all read a token. `mine` beats `maybe`, and the first in the list wins: the
 * method that recognises the form of what is no JWT; the one that names the token's issuer exactly, for its audience
 * where several do; else the one that takes what nobody names. Nobody is asked a second time: a failure never falls
 * through to a weaker method.
 *
 * The router throws InvalidTokenError `issuer_unknown` if a token is nobody's, `token_malformed` if it cannot even be
 * read.
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

/** Makes a router for every set of methods that turns out to share a place, when it is first asked for. */
export function routersAmong(methods: readonly Authenticator[]): typeof routerFor {
  const made = new Map<string, Router>();
  return (candidates) => {
    const set = candidates.map((candidate) => methods.indexOf(candidate)).join();
    const router = made.get(set) ?? routerFor(candidates);
    made.set(set, router);
    return router;
  };
}
