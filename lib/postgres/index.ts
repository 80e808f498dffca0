// The door of `sallyport/postgres`.

export { type NotifyingClient, pgListener } from './listener.js';
export { type PostgresClaimStore, postgresClaims } from './postgres-claims.js';
export { type PostgresUserStore, type PostgresUsersOptions, postgresUsers } from './postgres-users.js';
export { schemaSql } from './schema.js';
export type { SqlClient, SqlListener } from './sql-client.js';
