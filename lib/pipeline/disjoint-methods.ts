import { ConfigurationError } from '../errors/configuration-error.js';
import type { Authenticator, MethodScope } from './auth-method.js';

function sharesPlace(a: Authenticator, b: Authenticator): boolean {
  return a.sources.some(({ place }) => b.sources.some((other) => other.place === place));
}

/** Rule by which an earlier method hides a later one, so that it could never be asked, and the reason for the error. */
type Clash = readonly [hides: (earlier: MethodScope, later: MethodScope) => boolean, reason: (rival: string) => string];

function overlap(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((one) => b.includes(one));
}

function nameTheSame(a: MethodScope, b: MethodScope): boolean {
  if (typeof a.issuers !== 'object' || typeof b.issuers !== 'object') return false;
  const { issuers, audiences, algorithms } = b;
  if (![...a.issuers].some((issuer) => issuers.has(issuer))) return false;
  return overlap(a.audiences, audiences) && overlap(a.algorithms, algorithms);
}

const CLASHES: readonly Clash[] = [
  [
    (a, b) => a.everything === 'mine' && b.everything === 'mine',
    (rival) => `reads the place that ${rival} takes all of`,
  ],
  [
    nameTheSame,
    (rival) => `names an issuer and audience that ${rival} names too, in the same place, so it could never be asked`,
  ],
  [
    // An opaque token does not name its issuer, and must not be shown to a provider that did not issue it.
    (a, b) => a.opaque === true && b.opaque === true,
    (rival) => `has introspection as ${rival} has, in the same place, and an opaque token does not say whose it is`,
  ],
  [
    (a, b) => a.asked === 'rest' && b.asked === 'rest' && overlap(a.algorithms, b.algorithms),
    (rival) =>
      `takes tokens of any issuer, as ${rival} does in the same place, so that nothing tells whose a token is; give one of them an issuer, or give all secrets to one method as a list`,
  ],
  [
    (a, b) => a.everything === 'maybe' && (b.asked === 'last' || b.asked === 'rest'),
    (rival) =>
      `could never be asked, because ${rival} before it takes what nobody claims in the same place; list it first, or say by claims() what ${rival} takes`,
  ],
];

/**
 * Refuses methods of which one could never be asked: two that read one place and have the same issuer, audience and
 * algorithm, or both accept tokens of any issuer, opaque tokens, or every token there.
 * @throws {ConfigurationError} when there are such methods.
 */
export function assertDisjoint(option: string, methods: readonly Authenticator[]): void {
  for (const [index, method] of methods.entries()) {
    const before = methods.slice(0, index).filter((other) => sharesPlace(other, method));
    for (const [hides, reason] of CLASHES) {
      const rival = before.find((other) => hides(other.scope, method.scope));
      if (rival !== undefined) throw new ConfigurationError(`${option}[${index}]`, reason(rival.name));
    }
  }
}
