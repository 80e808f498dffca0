import { type KeyObject, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import { algorithmSpec, isAlgorithm } from '../keys/algorithms.js';
import { UnusableKeyError } from '../keys/verification-key.js';
import { assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { ConsumerCredential, CreatedCredential, CredentialInfo } from './consumer.js';
import type { NewCredential } from './consumer-store.js';
import { credentialKey, DEFAULT_ALGORITHM } from './credential-key.js';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KNOWN = [
  'id',
  'key',
  'algorithm',
  'secret',
  'secretEncoding',
  'allowWeakSecret',
  'publicKey',
  'enabled',
  'notBefore',
  'expiresAt',
  'tags',
] as const;

/** A credential as a memory store keeps it: what verifies, and what may be shown. */
export interface StoredCredential {
  readonly credential: ConsumerCredential;
  readonly info: CredentialInfo;
}

function randomKey(): string {
  return Array.from({ length: 32 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('');
}

function assertFields(option: string, given: NewCredential): void {
  checkOptionNames(option, given, KNOWN);
  if (given.key !== undefined) assertNonEmptyString(`${option}.key`, given.key);
  if (given.algorithm !== undefined && !isAlgorithm(given.algorithm)) {
    throw new ConfigurationError(
      `${option}.algorithm`,
      'expects a signature algorithm such as "HS256", "RS256", "ES256" or "EdDSA"',
    );
  }
  if (given.secretEncoding !== undefined && !['utf8', 'base64'].includes(given.secretEncoding)) {
    throw new ConfigurationError(`${option}.secretEncoding`, 'expects "utf8" or "base64"');
  }
  for (const field of ['notBefore', 'expiresAt'] as const) {
    const date = given[field];
    if (date !== undefined && !(date instanceof Date && Number.isFinite(date.getTime()))) {
      throw new ConfigurationError(`${option}.${field}`, 'expects a valid Date');
    }
  }
  if (given.tags !== undefined) assertStrings(`${option}.tags`, given.tags);
}

function assertKeyFields(option: string, given: NewCredential, isHmac: boolean): void {
  if (isHmac && given.publicKey !== undefined)
    throw new ConfigurationError(`${option}.publicKey`, 'contradicts an HS* algorithm, which takes a secret');
  if (!isHmac && given.secret !== undefined)
    throw new ConfigurationError(`${option}.secret`, 'contradicts an asymmetric algorithm, which takes a publicKey');
}

/** Random bytes as long as the hash asks for, as a text that can be pasted anywhere. */
function generateSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * Checks and completes a credential, and imports its key.
 * @throws ConfigurationError for anything that could not verify a token, or only weakly.
 */
export function createStoredCredential(
  option: string,
  consumerId: string,
  given: NewCredential,
): StoredCredential & { created: CreatedCredential } {
  assertFields(option, given);
  const algorithm = given.algorithm ?? DEFAULT_ALGORITHM;
  const spec = algorithmSpec(algorithm);
  assertKeyFields(option, given, spec.family === 'hmac');
  const secret = spec.family === 'hmac' ? (given.secret ?? generateSecret(spec.minSecretBytes)) : undefined;
  const key = importedKey(option, { ...given, key: given.key ?? '', ...(secret === undefined ? {} : { secret }) });
  const shared = {
    id: given.id ?? randomUUID(),
    key: given.key ?? randomKey(),
    algorithm,
    enabled: given.enabled ?? true,
    tags: Object.freeze([...(given.tags ?? [])]),
    ...(given.notBefore === undefined ? {} : { notBefore: given.notBefore }),
    ...(given.expiresAt === undefined ? {} : { expiresAt: given.expiresAt }),
  };
  const material =
    key.type === 'secret' ? { secret: key, allowWeakSecret: given.allowWeakSecret === true } : { publicKey: key };
  const credential = Object.freeze({ ...shared, ...material });
  const info = Object.freeze({ ...shared, consumerId, createdAt: new Date() });
  return { credential, info, created: secret === undefined ? info : { ...info, secret } };
}

function importedKey(option: string, credential: ConsumerCredential): KeyObject {
  try {
    return credentialKey(credential).key;
  } catch (thrown) {
    if (!(thrown instanceof UnusableKeyError)) throw thrown;
    throw new ConfigurationError(option, thrown.message);
  }
}
