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

function bothTakeAll({ takesAll: a }: Authenticator, { takesAll: b }: Authenticator): boolean {
  return a === true && b === true;
}

/**
 * Refuses methods of which one could never be reached: two that read one place and name the same issuer for the
 * same audience, or that both take everything there.
 * @throws ConfigurationError
 */
export function assertDisjoint(option: string, methods: readonly Authenticator[]): void {
  for (const [index, method] of methods.entries()) {
    const neighbours = methods.slice(0, index).filter((other) => sharesPlace(other, method));
    const taker = neighbours.find((other) => bothTakeAll(other, method));
    if (taker !== undefined)
      throw new ConfigurationError(`${option}[${index}]`, `reads the place that ${taker.name} takes all of`);
    const rival = neighbours.find((other) => sharesTerritory(other, method));
    if (rival === undefined) continue;
    throw new ConfigurationError(
      `${option}[${index}]`,
      `names an issuer and audience that ${rival.name} names too, in the same place, so it could never be asked`,
    );
  }
}
