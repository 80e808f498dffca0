import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import {
  type Algorithm,
  type AuthMethod,
  type OidcBearerOptions,
  oidcBearer,
  type Principal,
} from '../../lib/index.js';
import { given, type Loose } from './loose.js';
import { getFrom } from './requests.js';
import { app } from './servers.js';
import { signed } from './signing.js';
import { inSeconds } from './tokens.js';

export const ISSUER = 'https://login.example.com';
export const AUDIENCE = 'https://api.example.com';

const provider = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** Key of {@link ISSUER}, and one that is not configured. */
export const PROVIDER_KEY = provider.privateKey;
export const STRANGER_KEY = stranger.privateKey;

export const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
export const PROVIDER_PEM = pemOf(provider.publicKey);
export const STRANGER_PEM = pemOf(stranger.publicKey);

export function jwkOf(key: KeyObject, members: Record<string, unknown> = {}): JWK {
  return { ...key.export({ format: 'jwk' }), ...members };
}

/** The claims of a good access token of {@link ISSUER}; `undefined` takes one away. */
export function accessClaims(claims: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: inSeconds(0), exp: inSeconds(300), ...claims };
}

/** Differences from the default of {@link accessToken}. */
export interface Signing {
  header?: object;
  algorithm?: Algorithm;
  key?: KeyObject;
}

export function accessToken(
  claims: Record<string, unknown> = {},
  { header = {}, algorithm = 'ES256', key = PROVIDER_KEY }: Signing = {},
): string {
  return signed(algorithm, key, accessClaims(claims), header);
}

/** Options of a method for {@link ISSUER} that does not use the network. */
export function staticOptions(options: Loose<OidcBearerOptions> = {}): OidcBearerOptions {
  const own = { issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM, exposeReason: true };
  return given({ ...own, ...options });
}

export const door = (options: Loose<OidcBearerOptions> = {}): AuthMethod => oidcBearer(staticOptions(options));

/** Answer as a client sees it: the status, the precise code of a refusal, and the principal in the handler. */
export interface Answer {
  status: number;
  code?: string;
  principal: Principal;
}

/** Presents a token to a method behind Express, over HTTP. */
export async function present(method: AuthMethod, token: string): Promise<Answer> {
  const { status, body } = await getFrom(app(method), { Authorization: `Bearer ${token}` });
  return status === 200
    ? { status, principal: body.principal }
    : { status, code: body.code, principal: body.principal };
}

/** Presents a token and returns `200`, or the code of the refusal. */
export async function verdict(method: AuthMethod, token: string): Promise<200 | string> {
  const { status, code } = await present(method, token);
  if (status === 200) return 200;
  return status === 401 ? String(code) : `${status} ${code}`;
}

/** Half of a SHA-256, as `at_hash` and its like are made (OpenID Connect Core section 3.1.3.6). */
export const halfHash = (text: string) =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
