import { inSchema } from './statements.js';

const API_KEY = 'id, owner, hash, start, name, scopes, groups, roles, enabled, expires_at, created_at';
const NEW_API_KEY = `$1::text, $2::text, $3::bytea, $4::text, $5::text, $6::jsonb, $7::jsonb, $8::jsonb, true,
      $9::timestamptz, $10::timestamptz`;

/** The statements of the API key store, each one atomic. */
const STATEMENTS = {
  // $1 id.
  find: `SELECT ${API_KEY} FROM {api_keys} WHERE id = $1`,

  create: `INSERT INTO {api_keys} (${API_KEY}) VALUES (${NEW_API_KEY}) RETURNING id`,

  // $1 position, $2 limit, $3 owner or null.
  list: `SELECT position, ${API_KEY} FROM {api_keys}
    WHERE position > $1::bigint AND ($3::text IS NULL OR owner = $3::text) ORDER BY position LIMIT $2::int`,

  // $1 id.
  revoke: 'UPDATE {api_keys} SET enabled = false WHERE id = $1 RETURNING id',

  // $1 to $10 the successor, $11 id of the old key, $12 its latest expiry. least() ignores null.
  rotate: `WITH old AS (
      UPDATE {api_keys} SET expires_at = least(expires_at, $12::timestamptz) WHERE id = $11 AND enabled RETURNING id
    )
    INSERT INTO {api_keys} (${API_KEY}) SELECT ${NEW_API_KEY} FROM old RETURNING id`,
};

/** The statements for the tables of one schema. */
export function apiKeyStatements(schema: string): typeof STATEMENTS {
  return inSchema(STATEMENTS, schema);
}
