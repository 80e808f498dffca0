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
  const areNameless = a.isNameless === true && b.isNameless === true;
  if (!areNameless && ![...a.issuers].some((issuer) => issuers.has(issuer))) return false;
  return overlap(a.audiences, audiences) && overlap(a.algorithms, algorithms);
}

/** The names of a method's issuers, each with the one by which its people are known. */
function namesIn({ names, issuers }: MethodScope): ReadonlyMap<string, string> {
  return names ?? new Map(typeof issuers === 'object' ? [...issuers].map((issuer) => [issuer, issuer]) : []);
}

/** The first name that two methods take for different issuers, so that one person would have two ids, or two people one. */
function disputedName(a: MethodScope, b: MethodScope): string | undefined {
  const others = namesIn(b);
  const differ = (a.isNameless === true) !== (b.isNameless === true);
  return [...namesIn(a)].find(([name, known]) => others.has(name) && (differ || others.get(name) !== known))?.[0];
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

const disputed = (name: string, rival: string) =>
  `has the issuer name ${JSON.stringify(name)}, which ${rival} has for an issuer that is known by another name; list all names of one issuer alike in both, the same one first`;

/**
 * Refuses methods of which one could never be asked: two that read one place and have the same issuer, audience and
 * algorithm, or both accept tokens of any issuer, opaque tokens, or every token there. Refuses methods that have
 * one name for different issuers as well, wherever they read.
 * @throws {ConfigurationError} when there are such methods.
 */
export function assertDisjoint(option: string, methods: readonly Authenticator[]): void {
  for (const [index, method] of methods.entries()) {
    const earlier = methods.slice(0, index);
    for (const other of earlier) {
      const name = disputedName(other.scope, method.scope);
      if (name !== undefined) throw new ConfigurationError(`${option}[${index}]`, disputed(name, other.name));
    }
    const before = earlier.filter((other) => sharesPlace(other, method));
    for (const [hides, reason] of CLASHES) {
      const rival = before.find((other) => hides(other.scope, method.scope));
      if (rival !== undefined) throw new ConfigurationError(`${option}[${index}]`, reason(rival.name));
    }
  }
}
