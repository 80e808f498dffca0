import type { IncomingMessage } from 'node:http';
import { AuthError, type AuthMethod } from '../../lib/index.js';
import { segment } from './signing.js';
import { inSeconds } from './tokens.js';

/** Asks a method without HTTP: `ok`, or the code of the refusal. */
export async function ask(method: AuthMethod, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const req = { method: 'GET', url: '/', headers, rawHeaders: ['Authorization', headers.authorization] };
  try {
    await method.authenticate(req as unknown as IncomingMessage);
    return 'ok';
  } catch (error) {
    if (error instanceof AuthError) return error.code;
    throw error;
  }
}

/** Makes a well-formed token with an invented key and signature. */
export function inventedToken(issuer: { url: string; audience: string }, kid: string): string {
  const claims = { iss: issuer.url, aud: issuer.audience, sub: 'nobody', exp: inSeconds(300) };
  return `${segment({ alg: 'ES256', kid })}.${segment(claims)}.${segment(Buffer.alloc(64, 1))}`;
}
