import { ConfigurationError } from '../errors/configuration-error.js';
import type { Authenticator } from './authenticator.js';

function sharesPlace(a: Authenticator, b: Authenticator): boolean {
  return a.sources.some(({ place }) => b.sources.some((other) => other.place === place));
}

function sharesTerritory({ territory: a }: Authenticator, { territory: b }: Authenticator): boolean {
  if (a === undefined || b === undefined || ![...a.issuers].some((issuer) => b.issuers.has(issuer))) return false;
  if (a.audiences === undefined || b.audiences === undefined) return true;
  const { audiences } = b;
  return a.audiences.some((audience) => audiences.includes(audience));
}

/** An opaque token does not say whose it is, and must not be shown to another provider to find out. */
function bothAsk({ takesOpaque: a }: Authenticator, { takesOpaque: b }: Authenticator): boolean {
  return a !== undefined && b !== undefined;
}

function bothTakeAll({ takesAll: a }: Authenticator, { takesAll: b }: Authenticator): boolean {
  return a === true && b === true;
}

type Clash = readonly [clashes: (a: Authenticator, b: Authenticator) => boolean, reason: (rival: string) => string];

const CLASHES: readonly Clash[] = [
  [bothTakeAll, (rival) => `reads the place that ${rival} takes all of`],
  [
    sharesTerritory,
    (rival) => `names an issuer and audience that ${rival} names too, in the same place, so it could never be asked`,
  ],
  [
    bothAsk,
    (rival) => `has introspection as ${rival} has, in the same place, and an opaque token does not say whose it is`,
  ],
];

/**
 * Refuses methods of which one could never be reached: two that read one place and name the same issuer for the
 * same audience, both take opaque tokens, or both take everything there.
 * @throws ConfigurationError
 */
export function assertDisjoint(option: string, methods: readonly Authenticator[]): void {
  for (const [index, method] of methods.entries()) {
    const neighbours = methods.slice(0, index).filter((other) => sharesPlace(other, method));
    for (const [clashes, reason] of CLASHES) {
      const rival = neighbours.find((other) => clashes(other, method));
      if (rival !== undefined) throw new ConfigurationError(`${option}[${index}]`, reason(rival.name));
    }
  }
}
