import { ConfigurationError } from '../errors/configuration-error.js';
import type { Authenticator, MethodScope } from './auth-method.js';

function sharesPlace(a: Authenticator, b: Authenticator): boolean {
  return a.sources.some(({ place }) => b.sources.some((other) => other.place === place));
}

/** Whether a later method of these two scopes could never be asked. */
type Clash = readonly [hides: (earlier: MethodScope, later: MethodScope) => boolean, reason: (rival: string) => string];

function nameTheSame(a: MethodScope, b: MethodScope): boolean {
  if (typeof a.issuers !== 'object' || typeof b.issuers !== 'object') return false;
  const { issuers, audiences } = b;
  if (![...a.issuers].some((issuer) => issuers.has(issuer))) return false;
  return a.audiences === undefined || audiences === undefined || a.audiences.some((one) => audiences.includes(one));
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
    // An opaque token does not say whose it is, and must not be shown to another provider to find out.
    (a, b) => a.opaque === true && b.opaque === true,
    (rival) => `has introspection as ${rival} has, in the same place, and an opaque token does not say whose it is`,
  ],
  [
    (a, b) => a.everything === 'maybe' && b.asked === 'last',
    (rival) =>
      `could never be asked, because ${rival} before it takes what nobody claims in the same place; list it first, or say by claims() what ${rival} takes`,
  ],
];

/**
 * Refuses methods of which one could never be reached: two that read one place and name the same issuer for the
 * same audience, both take opaque tokens, or both take everything there.
 * @throws ConfigurationError
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
