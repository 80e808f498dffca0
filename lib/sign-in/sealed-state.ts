import { hkdfSync } from 'node:crypto';
import { EncryptJWT, errors, type JWTPayload, jwtDecrypt } from 'jose';
import { SignInError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { isCanonicalBase64url } from '../tokens/compact-token.js';

/** Seconds from the beginning of a sign-in to its end. */
export const STATE_LIFETIME = 300;

/** A sign-in on its way: `jti` names it, `exp` ends it. */
export type SignInState = JWTPayload & { jti: string; exp: number };

/** Between two requests of one sign-in the browser carries what we know, and can neither read nor change it. */
export interface StateSeal {
  close(state: SignInState): Promise<string>;
  /** @throws SignInError `state_invalid` for anything but what was closed for this sign-in; `state_expired` */
  open(sealed: string, jti: string): Promise<SignInState>;
}

/** Otherwise one state would have several spellings; the second part, a wrapped key, is empty here. */
function isCanonical(sealed: string): boolean {
  return sealed.split('.').every((part) => part === '' || isCanonicalBase64url(part));
}

/**
 * AES-256-GCM in a compact JWE (RFC 7516), under a key of its own for each step, so that what one step has closed
 * opens at no other (RFC 5869 section 3.2).
 * @throws ConfigurationError for a secret of less than 32 bytes.
 */
export function stateSeal(option: string, secret: string | Uint8Array, step: string): StateSeal {
  const bytes = typeof secret === 'string' ? Buffer.from(secret) : secret;
  if (!(bytes instanceof Uint8Array) || bytes.length < 32)
    throw new ConfigurationError(option, 'expects at least 32 bytes that nobody can guess');
  const key = new Uint8Array(hkdfSync('sha256', bytes, '', `sallyport sign-in ${step}`, 32));
  return {
    close: (state) => new EncryptJWT(state).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key),
    async open(sealed, jti) {
      try {
        if (!isCanonical(sealed)) throw new SignInError('state_invalid');
        const { payload } = await jwtDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        if (payload.jti !== jti || payload.exp === undefined) throw new SignInError('state_invalid');
        return { ...payload, jti, exp: payload.exp };
      } catch (thrown) {
        // Without its cause, which carries what was in the state.
        throw new SignInError(thrown instanceof errors.JWTExpired ? 'state_expired' : 'state_invalid');
      }
    },
  };
}
