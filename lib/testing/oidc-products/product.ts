import type { OidcProduct } from '../oidc-simulator.js';

/** The person whom simulated tokens speak of. */
export const ANN = { sub: 'ann-4711', email: 'ann@example.com', name: 'Ann Example' };

/** The first of one text or several; a simulated token has one audience, one client, one tenant. */
export function first(value: unknown, otherwise = 'api'): string {
  const [one] = [value].flat();
  return typeof one === 'string' ? one : otherwise;
}

/** A provider with RSA keys, tokens of an hour, and what is usual otherwise. */
export function provider<Own>(
  product: Pick<OidcProduct<Own>, 'own' | 'elsewhere' | 'issue'> & Partial<OidcProduct<Own>>,
): OidcProduct<Own> {
  return { algorithm: 'RS256', lifetime: 3600, keyPath: '/keys', ...product };
}
