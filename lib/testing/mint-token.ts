import { createPrivateKey, createSecretKey, KeyObject } from 'node:crypto';
import { type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Algorithm } from '../keys/algorithms.js';
import { fittingAlgorithms } from '../keys/fitting-algorithms.js';

/** Claims of a token to be minted; `undefined` removes one that is there by default. */
export type TokenClaims = { [Claim in keyof JWTPayload]?: JWTPayload[Claim] | undefined };

/** JOSE header and lifetime of a token to be minted. */
export interface TokenShape {
  /**
   * Members to add to the JOSE header or to replace in it; `undefined` removes one.
   * @default {}
   */
  header?: Readonly<Record<string, unknown>>;
  /**
   * Seconds from now to `exp`, unless the claims contain `exp`; negative for an expired token.
   * @default 300
   */
  lifetime?: number;
}

/** Options of {@link mintToken}. One of `key` and `secret` is required. */
export interface MintOptions extends TokenShape {
  /**
   * Signature algorithm.
   * @default 'HS256' with a secret, else the first algorithm that fits the key: 'RS256', 'ES256', 'EdDSA', …
   */
  algorithm?: Exclude<Algorithm, 'Ed448'>;
  /**
   * Private key for an asymmetric algorithm: PEM, JWK or `KeyObject`.
   * @default undefined
   */
  key?: string | JWK | KeyObject;
  /**
   * Shared secret for an `HS*` algorithm; a text is read as its UTF-8 bytes.
   * @default undefined
   */
  secret?: string | Uint8Array;
  /**
   * `kid` of the JOSE header.
   * @default undefined (no `kid`)
   */
  kid?: string;
}

const DEFAULT_LIFETIME = 300;

/** Removes members that are `undefined`, as JSON does. */
function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function signingKey({ key, secret }: MintOptions): KeyObject {
  if (key !== undefined && secret === undefined) {
    if (key instanceof KeyObject) return key;
    return typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key: { ...key }, format: 'jwk' });
  }
  if (secret !== undefined && key === undefined) {
    return typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret);
  }
  throw new TypeError('mintToken: expects exactly one of key and secret');
}

/**
 * Signs a JWT for a test. `iat` is now and `exp` is `lifetime` seconds later, unless the claims have other values. No
 * other claim is added, so the claims alone decide whether the token is valid.
 *
 * ```ts
 * const token = await mintToken({ iss: key }, { secret });
 * const expired = await mintToken({ iss: key }, { secret, lifetime: -120 });
 * const endless = await mintToken({ iss: key, exp: undefined }, { algorithm: 'HS512', secret });
 * ```
 *
 * @throws {TypeError} when not exactly one of `key` and `secret` is given, or it does not fit the algorithm.
 */
export async function mintToken(claims: TokenClaims, options: MintOptions): Promise<string> {
  const { kid, header, lifetime = DEFAULT_LIFETIME } = options;
  const key = signingKey(options);
  const { algorithm = key.type === 'secret' ? 'HS256' : fittingAlgorithms(key)[0] } = options;
  if (algorithm === undefined) throw new TypeError('mintToken: no algorithm fits the key');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT(defined({ iat: now, exp: now + lifetime, ...claims }))
    .setProtectedHeader({ ...defined({ typ: 'JWT', kid, ...header }), alg: algorithm })
    .sign(key);
}
