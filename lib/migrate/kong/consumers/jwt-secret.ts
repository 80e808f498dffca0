import { createPublicKey } from 'node:crypto';
import { DEFAULT_ALGORITHM } from '../../../consumers/credential-key.js';
import { type Algorithm, algorithmSpec } from '../../../keys/algorithms.js';
import type { KongRecord } from '../kong-record.js';
import { kongId } from './kong-ids.js';

/** A `jwt_secrets` entity whose fields were checked and whose key was not imported yet. */
export interface JwtSecret {
  readonly record: KongRecord;
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly algorithm: Algorithm;
  readonly secret: string | undefined;
  readonly rsaPublicKey: string | undefined;
  readonly tags: readonly string[];
}

const FIELDS = [
  'id',
  'created_at',
  'consumer',
  'key',
  'secret',
  'rsa_public_key',
  'algorithm',
  'tags',
  '_comment',
  '_ignore',
] as const;

/** Algorithms of Kong's schema in its order; the last two are those of RFC 9864 that newer editions of Kong know. */
const ALGORITHMS = [
  ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const),
  ...(['PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519', 'Ed448'] as const),
] as const satisfies readonly Algorithm[];

function isParseable(pem: string): boolean {
  try {
    createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}

/** Checks a public key as Kong does when it loads one: not for ES*, and not whether the key fits the algorithm. */
function assertPublicKey(record: KongRecord, algorithm: Algorithm, pem: string | undefined): void {
  const { family } = algorithmSpec(algorithm);
  if (family === 'hmac' || family === 'ec') return;
  const because = "failed conditional validation given value of field 'algorithm'";
  if (pem === undefined) throw record.refusal('rsa_public_key', `required field missing (${because})`);
  if (!isParseable(pem)) throw record.refusal('rsa_public_key', `invalid key (${because})`);
}

/**
 * Reads a `jwt_secrets` entity.
 * @throws {ConfigurationError} with the reason of Kong's schema.
 */
export function readJwtSecret(record: KongRecord): JwtSecret {
  record.assertKnown(FIELDS);
  const key = record.text('key');
  const algorithm = record.oneOf('algorithm', ALGORITHMS) ?? DEFAULT_ALGORITHM;
  const rsaPublicKey = record.text('rsa_public_key');
  assertPublicKey(record, algorithm, rsaPublicKey);
  return {
    record,
    id: record.uuid('id') ?? (key === undefined ? undefined : kongId('jwt_secrets', key)),
    key,
    algorithm,
    secret: record.text('secret'),
    rsaPublicKey,
    tags: record.texts('tags') ?? [],
  };
}
