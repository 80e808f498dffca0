import { type KeyObject, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import { algorithmSpec, isAlgorithm, meantAlgorithm } from '../keys/algorithms.js';
import { UnusableKeyError } from '../keys/verification-key.js';
import {
  assertBoolean,
  assertDate,
  assertNonEmptyString,
  assertNotUndefined,
  assertStrings,
} from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { ConsumerCredential, CreatedCredential, CredentialInfo } from './consumer.js';
import type { NewCredential } from './consumer-store.js';
import { credentialKey, DEFAULT_ALGORITHM } from './credential-key.js';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KNOWN = namesOf<NewCredential>()({
  id: true,
  key: true,
  algorithm: true,
  secret: true,
  secretEncoding: true,
  allowWeakSecret: true,
  publicKey: true,
  enabled: true,
  notBefore: true,
  expiresAt: true,
  tags: true,
});

/** A credential as a store keeps it: with its key, to verify tokens, and without, for listings. */
export interface StoredCredential {
  readonly credential: ConsumerCredential;
  readonly info: CredentialInfo;
}

function randomKey(): string {
  return Array.from({ length: 32 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('');
}

function assertFields(option: string, given: NewCredential): void {
  checkOptionNames(option, given, KNOWN);
  assertNotUndefined(option, given, ['key', 'secret', 'publicKey']);
  for (const field of ['id', 'key'] as const) {
    if (given[field] !== undefined) assertNonEmptyString(`${option}.${field}`, given[field]);
  }
  for (const field of ['enabled', 'allowWeakSecret'] as const) {
    if (given[field] !== undefined) assertBoolean(`${option}.${field}`, given[field]);
  }
  if (given.algorithm !== undefined && !isAlgorithm(given.algorithm)) {
    throw new ConfigurationError(
      `${option}.algorithm`,
      `expects a signature algorithm such as "HS256", "RS256", "ES256" or "EdDSA"${meantAlgorithm(given.algorithm)}`,
    );
  }
  if (given.secretEncoding !== undefined && !['utf8', 'base64'].includes(given.secretEncoding)) {
    throw new ConfigurationError(`${option}.secretEncoding`, 'expects "utf8" or "base64"');
  }
  if (given.tags !== undefined) assertStrings(`${option}.tags`, given.tags);
}

function assertWindow(option: string, { notBefore, expiresAt }: NewCredential): void {
  for (const [field, date] of Object.entries({ notBefore, expiresAt })) {
    if (date !== undefined) assertDate(`${option}.${field}`, date);
  }
  if (notBefore !== undefined && expiresAt !== undefined && notBefore >= expiresAt)
    throw new ConfigurationError(`${option}.expiresAt`, 'expects a Date after notBefore');
}

function assertKeyFields(option: string, given: NewCredential, isHmac: boolean): void {
  if (isHmac && given.publicKey !== undefined)
    throw new ConfigurationError(`${option}.publicKey`, 'contradicts an HS* algorithm, which takes a secret');
  if (!isHmac && given.secret !== undefined)
    throw new ConfigurationError(`${option}.secret`, 'contradicts an asymmetric algorithm, which takes a publicKey');
}

/** Copies the dates, so that a change to a given or returned `Date` does not move the stored validity. */
function windowOf({ notBefore, expiresAt }: NewCredential): { notBefore?: Date; expiresAt?: Date } {
  return {
    ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore) }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
  };
}

/** Generates a secret in base64url, which can be pasted anywhere. */
function generateSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * Checks and completes a credential, and imports its secret or public key.
 * @throws {ConfigurationError} when a field is invalid, or the secret or public key is missing, weak or unreadable.
 */
export function createStoredCredential(
  option: string,
  consumerId: string,
  given: NewCredential,
): StoredCredential & { created: CreatedCredential; key: KeyObject } {
  assertFields(option, given);
  assertWindow(option, given);
  const algorithm = given.algorithm ?? DEFAULT_ALGORITHM;
  const spec = algorithmSpec(algorithm);
  const isHmac = spec.family === 'hmac';
  assertKeyFields(option, given, isHmac);
  const secret = isHmac ? (given.secret ?? generateSecret(spec.minSecretBytes)) : undefined;
  const material = { ...given, key: given.key ?? '', ...(secret === undefined ? {} : { secret }) };
  const key = importedKey(option, isHmac, material);
  const shared = {
    id: given.id ?? randomUUID(),
    key: given.key ?? randomKey(),
    algorithm,
    enabled: given.enabled ?? true,
    tags: Object.freeze([...(given.tags ?? [])]),
  };
  const verifier = isHmac ? { secret: key, allowWeakSecret: given.allowWeakSecret === true } : { publicKey: key };
  const credential = Object.freeze({ ...shared, ...windowOf(given), ...verifier });
  const info = Object.freeze({ ...shared, ...windowOf(given), consumerId, createdAt: new Date() });
  return { credential, info, key, created: secret === undefined ? info : { ...info, secret } };
}

function importedKey(option: string, isSecret: boolean, credential: ConsumerCredential): KeyObject {
  try {
    return credentialKey(credential).key;
  } catch (thrown) {
    if (!(thrown instanceof UnusableKeyError)) throw thrown;
    throw new ConfigurationError(`${option}.${isSecret ? 'secret' : 'publicKey'}`, thrown.message);
  }
}
