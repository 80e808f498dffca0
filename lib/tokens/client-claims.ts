import type { JWTPayload } from 'jose';

/** The claims that name a token's client: RFC 9068's, OpenID Connect's, Entra's, Okta's. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'appid', 'cid'] as const;

/** The names of the claims that may say which client a token was issued to, in the order in which they are looked at. */
export type ClientClaim = (typeof CLIENT_CLAIMS)[number];

/**
 * Finds the first claim that names a client, whatever stands in it: `client_id` (RFC 9068), `azp` (OpenID Connect),
 * `appid` (Entra) or `cid` (Okta). Claims that are null or empty count as absent.
 */
export function clientClaim(claims: JWTPayload): { readonly claim: ClientClaim; readonly value: unknown } | undefined {
  for (const claim of CLIENT_CLAIMS) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (value !== undefined && value !== null && value !== '') return { claim, value };
  }
  return undefined;
}

/** Names the client that a token was issued to, by the first claim that is a text. */
export function clientOf(claims: JWTPayload): string | undefined {
  for (const claim of CLIENT_CLAIMS) {
    const id = claims[claim];
    if (typeof id === 'string' && id !== '') return id;
  }
  return undefined;
}
