import { assertImplements } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { ClaimStore } from '../users/provisioning-lease.js';
import { assertSchemaName, migrateSchema } from './schema.js';
import { queryRows, type SqlClient } from './sql-client.js';

/** A claim store that creates its own table. */
export interface PostgresClaimStore extends ClaimStore {
  /** Creates missing tables. Safe at every start, and in several processes at the same time. */
  migrate(): Promise<void>;
}

/**
 * Keeps claims on new identities in PostgreSQL, each with a lease. For applications with users in a database of their
 * own and several processes: `users: { callback, claims: postgresClaims({ client }) }` has one process at a time call
 * `callback` for an identity that is new.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function postgresClaims(options: { client: SqlClient; schema?: string | undefined }): PostgresClaimStore {
  checkOptionNames('postgresClaims', options, ['client', 'schema']);
  const { client, schema = 'public' } = options;
  assertImplements('postgresClaims.client', client, ['query'], 'new Pool() of pg');
  assertSchemaName('postgresClaims.schema', schema);
  const table = `${schema}.sallyport_claims`;
  const held = 'key = $1 AND owner = $2 AND NOT done';
  return {
    migrate: () => migrateSchema(client, schema),
    async acquire(key, owner, leaseSeconds) {
      // One statement takes the claim, or an expired lease; the lock of the row serializes concurrent calls.
      const [row] = await queryRows(
        client,
        `INSERT INTO ${table} AS c (key, owner, lease_until) VALUES ($1, $2, now() + make_interval(secs => $3))
         ON CONFLICT (key) DO UPDATE SET
           owner = CASE WHEN c.done OR c.lease_until > now() THEN c.owner ELSE excluded.owner END,
           lease_until = CASE WHEN c.done OR c.lease_until > now() THEN c.lease_until ELSE excluded.lease_until END
         RETURNING done, owner = $2 AS ours`,
        [key, owner, leaseSeconds],
      );
      if (row?.done === true) return 'done';
      return row?.ours === true ? 'acquired' : 'held';
    },
    async complete(key, owner) {
      await queryRows(client, `UPDATE ${table} SET done = true WHERE ${held}`, [key, owner]);
    },
    async release(key, owner) {
      await queryRows(client, `DELETE FROM ${table} WHERE ${held}`, [key, owner]);
    },
  };
}
