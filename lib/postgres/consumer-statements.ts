import { inSchema } from './statements.js';

const CONSUMER = 'id, username, custom_id, groups, roles, tags, created_at';
const CREDENTIAL = `id, consumer_id, key, algorithm, sealed_secret, kek_id, public_key, weak, enabled, not_before,
      expires_at, tags, created_at`;
const NEW_CREDENTIAL = `$1::text, $2::text, $3::text, $4::text, $5::bytea, $6::text, $7::text, $8::boolean, $9::boolean,
      $10::timestamptz, $11::timestamptz, $12::jsonb, $13::timestamptz`;
/** Id of a consumer by its id or username. A match by id comes before a consumer with an equal username. */
const NAMED = 'SELECT id FROM {consumers} WHERE id = $1 OR username = $1 ORDER BY (id = $1) DESC LIMIT 1';

/** The statements of the consumer store, each one atomic. */
const STATEMENTS = {
  // $1 key.
  findCredential: `SELECT k.id, k.consumer_id, k.key, k.algorithm, k.sealed_secret, k.kek_id, k.public_key, k.weak,
      k.enabled, k.not_before, k.expires_at, k.tags, k.created_at, c.username, c.custom_id, c.groups, c.roles,
      c.tags AS consumer_tags, c.created_at AS consumer_created_at
    FROM {credentials} k JOIN {consumers} c ON c.id = k.consumer_id WHERE k.key = $1`,

  createConsumer: `INSERT INTO {consumers} (${CONSUMER})
    VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6::jsonb, $7) RETURNING id`,

  // $1 id or username.
  getConsumer: `SELECT ${CONSUMER} FROM {consumers} WHERE id = (${NAMED})`,

  // $1 position, $2 tags, $3 limit.
  listConsumers: `SELECT position, ${CONSUMER} FROM {consumers}
    WHERE position > $1::bigint AND tags @> $2::jsonb ORDER BY position LIMIT $3::int`,

  // $1 id. Null keeps a column as it is, so that concurrent changes of different fields never undo each other.
  updateConsumer: `UPDATE {consumers} SET username = coalesce($2, username), custom_id = coalesce($3, custom_id),
      groups = coalesce($4::jsonb, groups), roles = coalesce($5::jsonb, roles), tags = coalesce($6::jsonb, tags)
    WHERE id = $1 RETURNING ${CONSUMER}`,

  // $1 id or username.
  deleteConsumer: `DELETE FROM {consumers} WHERE id = (${NAMED}) RETURNING id`,

  createCredential: `INSERT INTO {credentials} (${CREDENTIAL}) VALUES (${NEW_CREDENTIAL}) RETURNING id`,

  // $1 key.
  getCredential: `SELECT ${CREDENTIAL} FROM {credentials} WHERE key = $1`,

  // $1 position, $2 tags, $3 limit, $4 consumer or null.
  listCredentials: `SELECT position, ${CREDENTIAL} FROM {credentials}
    WHERE position > $1::bigint AND tags @> $2::jsonb AND ($4::text IS NULL OR consumer_id = $4::text)
    ORDER BY position LIMIT $3::int`,

  // $1 to $13 the successor, $14 id of the old credential, $15 its latest expiry. least() ignores null.
  rotateCredential: `WITH old AS (
      UPDATE {credentials} SET expires_at = least(expires_at, $15::timestamptz) WHERE id = $14 RETURNING id
    )
    INSERT INTO {credentials} (${CREDENTIAL}) SELECT ${NEW_CREDENTIAL} FROM old RETURNING id`,

  // $1 key.
  revokeCredential: 'DELETE FROM {credentials} WHERE key = $1 RETURNING id',

  // $1 current key-encryption key, $2 position, $3 limit.
  sealedOtherwise: `SELECT position, ${CREDENTIAL} FROM {credentials}
    WHERE kek_id <> $1 AND position > $2::bigint ORDER BY position LIMIT $3::int`,

  // $1 id, $2 and $3 sealed secret and key-encryption key as read before, $4 and $5 the new ones.
  reseal: `UPDATE {credentials} SET sealed_secret = $4, kek_id = $5
    WHERE id = $1 AND sealed_secret = $2 AND kek_id = $3 RETURNING id`,
};

/** The statements for the tables of one schema. */
export function consumerStatements(schema: string): typeof STATEMENTS {
  return inSchema(STATEMENTS, schema);
}
