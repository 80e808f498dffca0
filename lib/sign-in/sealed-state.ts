import { hkdfSync } from 'node:crypto';
import { EncryptJWT, errors, type JWTPayload, jwtDecrypt } from 'jose';
import { SignInError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { isCanonicalBase64url } from '../tokens/compact-token.js';

/** Seconds in which a sign-in must be completed. */
export const STATE_LIFETIME = 300;

/** State of a sign-in in progress: `jti` is its id, `exp` its end. */
export type SignInState = JWTPayload & { jti: string; exp: number };

/** Seals the state of a sign-in, which the browser carries from request to request and can neither read nor change. */
export interface StateSeal {
  /** Encrypts and authenticates a state. */
  seal(state: SignInState): Promise<string>;
  /**
   * Verifies and decrypts the state of a sign-in.
   * @throws {SignInError} when it is no sealed state of this sign-in (`state_invalid`), or too old (`state_expired`).
   */
  open(sealed: string, jti: string): Promise<SignInState>;
}

/** Whether a JWE has its only valid spelling. Its second part, the encrypted key, is empty with `dir`. */
function isCanonical(sealed: string): boolean {
  return sealed.split('.').every((part) => part === '' || isCanonicalBase64url(part));
}

/**
 * Creates a {@link StateSeal} with AES-256-GCM in a compact JWE (RFC 7516). Each step has a key of its own (RFC 5869
 * section 3.2), so that a state which is sealed for one step does not open at another.
 * @throws {ConfigurationError} when the secret has less than 32 bytes.
 */
export function stateSeal(option: string, secret: string | Uint8Array, step: string): StateSeal {
  const bytes = typeof secret === 'string' ? Buffer.from(secret) : secret;
  if (!(bytes instanceof Uint8Array) || bytes.length < 32)
    throw new ConfigurationError(option, 'expects at least 32 bytes that nobody can guess');
  const key = new Uint8Array(hkdfSync('sha256', bytes, '', `sallyport sign-in ${step}`, 32));
  return {
    seal: (state) => new EncryptJWT(state).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key),
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
        // Without the cause, which contains the content of the state.
        throw new SignInError(thrown instanceof errors.JWTExpired ? 'state_expired' : 'state_invalid');
      }
    },
  };
}
