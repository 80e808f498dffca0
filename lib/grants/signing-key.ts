import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import { withLineBreaks } from '../keys/pem.js';

/** Returns a private key for WebCrypto, which is imported on the first call. */
export type SigningKey = () => Promise<webcrypto.CryptoKey>;

type ImportParams = webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm;

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const MIN_RSA_BITS = 2_048;

function importParams({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): ImportParams | undefined {
  const namedCurve = CURVES[details?.namedCurve ?? ''];
  if (type === 'ec' && namedCurve !== undefined) return { name: 'ECDSA', namedCurve };
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS)
    return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  return type === 'ed25519' ? { name: 'Ed25519' } : undefined;
}

function readPrivateKey(option: string, key: unknown): KeyObject {
  if (key instanceof KeyObject && key.type === 'private') return key;
  try {
    return createPrivateKey(withLineBreaks(String(key)));
  } catch {
    // Without the cause, because OpenSSL's message may quote the key.
    throw new ConfigurationError(option, 'expects a private key as PEM or KeyObject');
  }
}

/**
 * Checks the private key that signs client assertions.
 * @throws {ConfigurationError} when it is unreadable, of another type, or an RSA key of less than 2048 bits.
 */
export function privateSigningKey(option: string, key: unknown): SigningKey {
  const readable = readPrivateKey(option, key);
  const params = importParams(readable);
  if (params === undefined) {
    throw new ConfigurationError(
      option,
      'expects an RSA key of 2048 bits or more, a P-256, P-384 or P-521 key, or Ed25519',
    );
  }
  const bytes = readable.export({ type: 'pkcs8', format: 'der' });
  let imported: Promise<webcrypto.CryptoKey> | undefined;
  return () => {
    imported ??= webcrypto.subtle.importKey('pkcs8', bytes, params, false, ['sign']);
    return imported;
  };
}
