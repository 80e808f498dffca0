import { createPrivateKey, createSecretKey, KeyObject } from 'node:crypto';
import { type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Algorithm } from '../keys/algorithms.js';
import { fittingAlgorithms } from '../keys/fitting-algorithms.js';

/** Claims of a token to be minted; `undefined` leaves out one that would be there by default. */
export type TokenClaims = { [Claim in keyof JWTPayload]?: JWTPayload[Claim] | undefined };

/** How a token is minted, beside its key. */
export interface TokenShape {
  /** More members of the JOSE header, or other ones; `undefined` leaves one out. */
  header?: Readonly<Record<string, unknown>>;
  /** Seconds from now to `exp`, where the claims do not say; negative for a token that has expired. Default 300. */
  lifetime?: number;
}

/** What {@link mintToken} needs beside the claims: one of `key` and `secret`. */
export interface MintOptions extends TokenShape {
  /** Default: `HS256` with a secret, else the first that fits the key: `RS256`, `ES256`, `EdDSA`, … */
  algorithm?: Exclude<Algorithm, 'Ed448'>;
  /** The private key for an asymmetric algorithm: PEM, JWK or `KeyObject`. */
  key?: string | JWK | KeyObject;
  /** The shared secret for an `HS*` algorithm; a text stands for its UTF-8 bytes. */
  secret?: string | Uint8Array;
  /** The `kid` of the header. Default none. */
  kid?: string;
}

const DEFAULT_LIFETIME = 300;

/** As JSON will write it. */
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
 * Signs a JWT for a test. `iat` is now and `exp` follows after `lifetime`, unless the claims say otherwise; nothing
 * else is added, so a token is exactly as good or as bad as its claims.
 *
 * ```ts
 * const token = await mintToken({ iss: key }, { secret });
 * const expired = await mintToken({ iss: key }, { secret, lifetime: -120 });
 * const endless = await mintToken({ iss: key, exp: undefined }, { algorithm: 'HS512', secret });
 * ```
 *
 * @throws TypeError unless exactly one of `key` and `secret` is given, and it fits the algorithm.
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
