import { createHmac } from 'node:crypto';
import { type SharedSecretJwtOptions, sharedSecretJwt } from '../../lib/index.js';
import { given, type Loose } from './loose.js';
import { segment } from './signing.js';
import { inSeconds } from './tokens.js';

/** The secret of a login service, long enough for HS256 and HS384. */
export const SECRET = 'the secret of our login service, with more than 48 bytes';
/** A secret that nobody configured. */
export const OTHER_SECRET = 'another secret of a login service, with more than 48 bytes';

const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** What a test may have otherwise in {@link loginToken}. */
interface LoginSigning {
  secret?: string | Buffer;
  header?: { alg?: string; kid?: string; typ?: string };
}

/** A token as a login service writes it for person 42: no issuer, no audience. `undefined` takes a claim away. */
export function loginToken(claims: object = {}, { secret = SECRET, header = {} }: LoginSigning = {}): string {
  const protectedHeader = { alg: 'HS256', typ: 'JWT', ...header };
  const payload = { sub: '42', iat: inSeconds(0), exp: inSeconds(300), ...claims };
  const input = `${segment(protectedHeader)}.${segment(payload)}`;
  const hash = HASHES[protectedHeader.alg] ?? 'sha256';
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

/** A method that takes the tokens of {@link loginToken}. */
export const shared = (options: Loose<SharedSecretJwtOptions> = {}) =>
  sharedSecretJwt(given({ secret: SECRET, exposeReason: true, ...options }));
