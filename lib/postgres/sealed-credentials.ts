import { createSecretKey, type KeyObject } from 'node:crypto';
import type { ConsumerCredential, CreatedCredential } from '../consumers/consumer.js';
import type { NewCredential } from '../consumers/consumer-store.js';
import { createStoredCredential, type StoredCredential } from '../consumers/new-credential.js';
import { type CredentialRow, credentialInfoOf, json } from './consumer-row.js';
import { namingDuplicates } from './duplicates.js';
import type { Sealing, SecretPlace } from './sealing.js';
import { assertStorable, FOREIGN_KEY_VIOLATION, queryRows, type SqlClient, sqlState } from './sql-client.js';

/** Bound to every secret in place of the table's full name, so that secrets still open after a schema is renamed. */
const TABLE = 'sallyport_credentials';

type Identified = Pick<CredentialRow, 'id' | 'consumer_id' | 'algorithm'>;

function placeOf({ id, consumer_id: consumerId, algorithm }: Identified): SecretPlace {
  return { table: TABLE, consumerId, credentialId: id, algorithm };
}

/** Values of a new row, with its secret sealed. */
function credentialValues(
  { info, credential, key }: StoredCredential & { key: KeyObject },
  sealing: Sealing,
): unknown[] {
  const { id, consumerId, algorithm } = info;
  const isSecret = key.type === 'secret';
  const sealed = isSecret ? sealing.seal(key.export(), placeOf({ id, consumer_id: consumerId, algorithm })) : undefined;
  return [
    id,
    consumerId,
    info.key,
    algorithm,
    sealed?.blob ?? null,
    sealed?.keyId ?? null,
    isSecret ? null : key.export({ type: 'spki', format: 'pem' }),
    credential.allowWeakSecret === true,
    info.enabled,
    info.notBefore ?? null,
    info.expiresAt ?? null,
    json(info.tags),
    info.createdAt,
  ];
}

function openSecret(row: CredentialRow, sealing: Sealing): Buffer {
  const { sealed_secret: blob, kek_id: keyId } = row;
  if (blob === null || keyId === null) throw new Error('the credential has neither a secret nor a public key');
  return sealing.open({ blob, keyId }, placeOf(row));
}

/**
 * Converts a row into a credential, and opens its secret. The secret becomes a key object, which no log shows.
 * @throws {Error} when the secret cannot be opened.
 */
export function openCredential(row: CredentialRow, sealing: Sealing): ConsumerCredential {
  const { consumerId: _owner, createdAt: _since, ...shown } = credentialInfoOf(row);
  if (row.public_key !== null) return { ...shown, publicKey: row.public_key };
  return { ...shown, secret: createSecretKey(openSecret(row, sealing)), allowWeakSecret: row.weak };
}

/** A credential to write, and a statement whose parameters are the values of a new row, then `others`. */
export interface CredentialWrite {
  readonly option: string;
  readonly consumerId: string;
  readonly given: NewCredential;
  readonly sql: string;
  readonly others?: readonly unknown[];
}

/**
 * Checks, completes, seals and writes a credential. Resolves to `undefined` when its consumer, or the credential that
 * it succeeds, has been deleted meanwhile.
 * @throws {ConfigurationError} when it could not verify a token, or its key or id is taken.
 */
export async function writeCredential(
  client: SqlClient,
  sealing: Sealing,
  { option, consumerId, given, sql, others = [] }: CredentialWrite,
): Promise<CreatedCredential | undefined> {
  const stored = createStoredCredential(option, consumerId, given);
  assertStorable(option, { ...stored.info });
  const values = [...credentialValues(stored, sealing), ...others];
  try {
    const rows = await namingDuplicates(option, stored.info, () => queryRows(client, sql, values));
    return rows.length === 0 ? undefined : stored.created;
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return undefined;
    throw error;
  }
}

/**
 * Values of the parameters of `reseal`.
 * @throws {Error} when the secret cannot be opened.
 */
export function resealedValues(row: CredentialRow, sealing: Sealing): unknown[] {
  const { blob, keyId } = sealing.seal(openSecret(row, sealing), placeOf(row));
  return [row.id, row.sealed_secret, row.kek_id, blob, keyId];
}
