import { type Awaitable, after, firstThat, settle } from '../clock/awaitable.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { unknownIssuer } from '../errors/token-refusals.js';
import type { PresentedToken } from '../tokens/presented-token.js';
import type { Authenticator } from './authenticator.js';

/** A method that cannot even ask its question, because the token lacks what it asks for, does not claim the token. */
function claims(ask: () => Awaitable<boolean | undefined>): Awaitable<boolean> {
  return settle(
    ask,
    (answer) => answer === true,
    (thrown) => {
      if (InvalidTokenError.is(thrown)) return false;
      throw thrown;
    },
  );
}

/** One issuer may serve several methods with an audience each; the first that the token is for judges it. */
function whoNames(
  presented: PresentedToken,
  candidates: readonly Authenticator[],
): Awaitable<Authenticator | undefined> {
  let fallback: Authenticator | undefined;
  const judges = (candidate: Authenticator): Awaitable<boolean> =>
    after(
      claims(() => candidate.names(presented)),
      (named) => {
        if (!named) return false;
        fallback ??= candidate;
        return claims(() => candidate.addresses?.(presented));
      },
    );
  return after(firstThat(candidates, judges), (found) => found ?? fallback);
}

/** A token that nobody names. @throws InvalidTokenError */
function whoKnows(
  presented: PresentedToken,
  readers: readonly Authenticator[],
  issuers: readonly string[],
): Awaitable<Authenticator> {
  // Only now, because the dialect of a WAF may be one that its own method alone can read.
  const { claims: said } = presented.content;
  presented.otherIssuers = issuers;
  const takers = readers.filter((reader) => reader.knows !== undefined);
  const [first] = takers;
  if (first === undefined) throw unknownIssuer(said.iss, issuers);
  if (takers.length === 1) return first;
  const known = firstThat(takers, (taker) => claims(() => taker.knows?.(presented)));
  return after(known, (found) => found ?? first);
}

/** @throws InvalidTokenError `issuer_unknown` if it is nobody's, `token_malformed` if it cannot even be read. */
function routeJwt(
  presented: PresentedToken,
  readers: readonly Authenticator[],
  issuers: readonly string[],
): Awaitable<Authenticator> {
  return after(whoNames(presented, readers), (named) => named ?? whoKnows(presented, readers, issuers));
}

/** Finds the one method that judges a token. @throws InvalidTokenError */
export type Router = (presented: PresentedToken) => Awaitable<Authenticator>;

/**
 * Chooses among methods that could all read a token: the one that recognises its form, where it is no JWT, or else
 * takes opaque tokens; the one whose configuration names its issuer exactly; else the consumer method that knows its
 * key; else the first consumer method, whose refusal is then the answer. Nobody is asked a second time: a failure
 * never falls through to a weaker method.
 *
 * The router throws InvalidTokenError `issuer_unknown` if a token is nobody's, `token_malformed` if it cannot even be
 * read.
 */
export function routerFor(candidates: readonly [Authenticator, ...Authenticator[]]): Router {
  const [first, ...others] = candidates;
  if (others.length === 0) return () => first;
  const recognising = candidates.filter(({ recognises }) => recognises !== undefined);
  const readers = candidates.filter(({ recognises }) => recognises === undefined);
  const asking = readers.filter(({ takesOpaque }) => takesOpaque !== undefined);
  const [reader, ...more] = readers;
  const issuers = readers.flatMap(({ territory }) => [...(territory?.issuers ?? [])]);
  return (presented) =>
    recognising.find(({ recognises }) => recognises?.(presented) === true) ??
    asking.find(({ takesOpaque }) => takesOpaque?.(presented) === true) ??
    (reader !== undefined && more.length === 0 ? reader : routeJwt(presented, readers, issuers));
}

/** A router for every set of methods that turns out to share a place, made when it is first asked for. */
export function routersAmong(methods: readonly Authenticator[]): typeof routerFor {
  const made = new Map<string, Router>();
  return (candidates) => {
    const set = candidates.map((candidate) => methods.indexOf(candidate)).join();
    const router = made.get(set) ?? routerFor(candidates);
    made.set(set, router);
    return router;
  };
}
