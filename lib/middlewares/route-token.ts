import { InvalidTokenError } from '../errors/auth-error.js';
import type { Authenticator, PresentedToken } from './authenticator.js';

/** A method that cannot even ask its question, because the token lacks what it asks for, does not claim the token. */
async function claims(ask: () => boolean | undefined | Promise<boolean | undefined>): Promise<boolean> {
  try {
    return (await ask()) === true;
  } catch (thrown) {
    if (thrown instanceof InvalidTokenError) return false;
    throw thrown;
  }
}

/** One issuer may serve several methods with an audience each; the first that the token is for judges it. */
async function whoNames(
  presented: PresentedToken,
  candidates: readonly Authenticator[],
): Promise<Authenticator | undefined> {
  const naming: Authenticator[] = [];
  for (const candidate of candidates) {
    if (!(await claims(() => candidate.names(presented)))) continue;
    if (await claims(() => candidate.addresses?.(presented))) return candidate;
    naming.push(candidate);
  }
  return naming[0];
}

/** @throws InvalidTokenError `issuer_unknown` if it is nobody's, `token_malformed` if it cannot even be read. */
async function routeJwt(presented: PresentedToken, readers: readonly Authenticator[]): Promise<Authenticator> {
  readers.some((reader) => presented.recall(reader.recalls?.(presented)));
  const named = await whoNames(presented, readers);
  if (named !== undefined) return named;
  // Only now, because the dialect of a WAF may be one that its own method alone can read.
  void presented.content;
  const takers = readers.filter((reader) => reader.knows !== undefined);
  const [first] = takers;
  if (first === undefined) throw new InvalidTokenError('issuer_unknown');
  if (takers.length === 1) return first;
  for (const taker of takers) {
    if (await claims(() => taker.knows?.(presented))) return taker;
  }
  return first;
}

const onlyOne = (candidates: readonly Authenticator[]) => (candidates.length === 1 ? candidates[0] : undefined);

/**
 * Chooses the one method that judges a token which several methods could read: the one that recognises its form,
 * where it is no JWT, or else takes opaque tokens; the one whose configuration names its issuer exactly; else the
 * consumer method that knows its key; else the first consumer method, whose refusal is then the answer. Nobody is
 * asked a second time: a failure never falls through to a weaker method.
 *
 * @throws InvalidTokenError `issuer_unknown` if it is nobody's, `token_malformed` if it cannot even be read.
 */
export async function routeToken(
  presented: PresentedToken,
  candidates: readonly Authenticator[],
): Promise<Authenticator> {
  const owner = onlyOne(candidates) ?? candidates.find(({ recognises }) => recognises?.(presented) === true);
  if (owner !== undefined) return owner;
  const readers = candidates.filter(({ recognises }) => recognises === undefined);
  const asker = readers.find(({ takesOpaque }) => takesOpaque?.(presented) === true);
  return asker ?? onlyOne(readers) ?? routeJwt(presented, readers);
}
