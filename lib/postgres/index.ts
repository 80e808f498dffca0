// Public API of `sallyport/postgres`.

export { type NotifyingClient, pgListener } from './listener.js';
export { type PostgresApiKeyStore, type PostgresApiKeysOptions, postgresApiKeys } from './postgres-api-keys.js';
export { type PostgresConsumerStore, type PostgresConsumersOptions, postgresConsumers } from './postgres-consumers.js';
export { type PostgresClaimStore, postgresClaims } from './postgres-provisioning-leases.js';
export { type PostgresUserStore, type PostgresUsersOptions, postgresUsers } from './postgres-users.js';
export { schemaSql } from './schema.js';
export type { KeyEncryption } from './sealing.js';
export type { SqlClient, SqlListener } from './sql-client.js';
