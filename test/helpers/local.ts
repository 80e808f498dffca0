import type { IncomingMessage } from 'node:http';
import { type LocalTokenOptions, localToken, type Principal } from '../../lib/index.js';
import { accessToken, door } from './oidc-door.js';
import { hs256, inSeconds } from './tokens.js';

export const APP = 'https://app.example.com';
export const SECRET = 'the secret of the application, 32 bytes or more';

/** Options of a method for the application's own tokens. */
export function localOptions(options: Partial<LocalTokenOptions> = {}): LocalTokenOptions {
  const keys = [{ kid: 'k1', algorithm: 'HS256' as const, secret: SECRET }];
  return { keys, issuer: APP, exposeReason: true, ...options };
}

export const local = (options: Partial<LocalTokenOptions> = {}) => localToken(localOptions(options));

/** The principal of a verified access token with these claims. */
export async function someone(claims: Record<string, unknown> = {}): Promise<Principal> {
  const authorization = `Bearer ${accessToken(claims)}`;
  const stub = { method: 'GET', url: '/', headers: { authorization }, rawHeaders: ['Authorization', authorization] };
  const principal = await door().authenticate(stub as unknown as IncomingMessage);
  if (principal === undefined) throw new Error('nobody');
  return principal;
}

/** A token with the application's secret and everything that it writes, as right or wrong as a test needs. */
export function localLookalike(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string {
  const own = { iss: APP, aud: APP, sub: 'u1', jti: 'j1', iat: inSeconds(0), exp: inSeconds(300) };
  const carried = { principal: { type: 'user', groups: ['ops'] } };
  return hs256(
    { ...own, ...carried, ...claims },
    { secret: SECRET, header: { kid: 'k1', typ: 'local+jwt', ...header } },
  );
}

/** Reads a part of a token. */
export function partOf(token: string, index: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
