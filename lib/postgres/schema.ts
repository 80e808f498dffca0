import { ConfigurationError } from '../errors/configuration-error.js';
import { queryRows, type SqlClient } from './sql-client.js';

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Checks the name of a schema, which is written into statements unquoted.
 * @throws {ConfigurationError} when it is not lower-case letters, digits and underscores.
 */
export function assertSchemaName(option: string, schema: unknown): asserts schema is string {
  if (typeof schema !== 'string' || !IDENTIFIER.test(schema)) {
    throw new ConfigurationError(option, 'expects a schema name of lower-case letters, digits and underscores');
  }
}

/**
 * Creates every table of `sallyport/postgres` that is missing. One statement is one transaction, and the lock admits
 * one process at a time.
 */
const SCHEMA = `DO $sallyport$ BEGIN
  PERFORM pg_advisory_xact_lock(7255001);
  -- A check of its own, because IF NOT EXISTS requires the right to create even where the schema exists.
  IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA {schema}; END IF;

  -- Users. "email" is verified and normalised; no other address is unique, or matched with one.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_users (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    username text,
    name text,
    email text,
    unverified_email text,
    status text NOT NULL CHECK (status IN ('active', 'pending', 'disabled')),
    link_version int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  -- Counts what happened to the user's identities: who links by "nobody has one yet" must not be overtaken.
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = '{schema}.sallyport_users'::regclass AND attname = 'link_version')
  THEN ALTER TABLE {schema}.sallyport_users ADD COLUMN link_version int NOT NULL DEFAULT 0; END IF;
  CREATE UNIQUE INDEX IF NOT EXISTS sallyport_users_email ON {schema}.sallyport_users (tenant, email)
    WHERE email IS NOT NULL;

  -- Identities: users at their issuers. The primary key decides concurrent first registrations.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_identities (
    tenant text NOT NULL,
    issuer text NOT NULL CHECK (issuer <> ''),
    subject text NOT NULL CHECK (subject <> ''),
    user_id uuid NOT NULL REFERENCES {schema}.sallyport_users (id) ON DELETE CASCADE,
    link_id uuid NOT NULL,
    link_method text NOT NULL CHECK (link_method IN ('created', 'email', 'explicit')),
    group_watermark double precision NOT NULL DEFAULT 0,
    group_revision int NOT NULL DEFAULT 0,
    profile_watermark double precision NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, issuer, subject)
  );
  CREATE INDEX IF NOT EXISTS sallyport_identities_user ON {schema}.sallyport_identities (user_id);
  -- One identity per issuer and user, unless linked explicitly: a second one would be a recycled e-mail address.
  CREATE UNIQUE INDEX IF NOT EXISTS sallyport_identities_issuer ON {schema}.sallyport_identities (user_id, issuer)
    WHERE link_method <> 'explicit';

  -- Unlinked identities, which a token that is still valid must not register again.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_tombstones (
    tenant text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, issuer, subject)
  );

  -- Memberships, each with its source: an issuer, "default", or a name that the application writes.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_memberships (
    user_id uuid NOT NULL REFERENCES {schema}.sallyport_users (id) ON DELETE CASCADE,
    group_name text NOT NULL,
    source text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, group_name, source)
  );
  CREATE INDEX IF NOT EXISTS sallyport_memberships_group ON {schema}.sallyport_memberships (group_name);

  -- Consumers and their credentials. Secrets are sealed with the key-encryption key "kek_id". "position" is the order
  -- of creation, for listings.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_consumers (
    id text PRIMARY KEY,
    position int GENERATED ALWAYS AS IDENTITY UNIQUE,
    username text UNIQUE,
    custom_id text UNIQUE,
    groups jsonb NOT NULL,
    roles jsonb NOT NULL,
    tags jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (username IS NOT NULL OR custom_id IS NOT NULL)
  );
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_credentials (
    id text PRIMARY KEY,
    position int GENERATED ALWAYS AS IDENTITY UNIQUE,
    consumer_id text NOT NULL REFERENCES {schema}.sallyport_consumers (id) ON DELETE CASCADE,
    key text NOT NULL UNIQUE,
    algorithm text NOT NULL,
    sealed_secret bytea,
    kek_id text,
    public_key text,
    weak boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT true,
    not_before timestamptz,
    expires_at timestamptz,
    tags jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((sealed_secret IS NULL) <> (public_key IS NULL)),
    CHECK ((sealed_secret IS NULL) = (kek_id IS NULL))
  );
  CREATE INDEX IF NOT EXISTS sallyport_credentials_consumer ON {schema}.sallyport_credentials (consumer_id);

  -- API keys: the hash, and "start", the public first characters. A revoked key stays, disabled.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_api_keys (
    id text PRIMARY KEY,
    position int GENERATED ALWAYS AS IDENTITY UNIQUE,
    owner text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    start text NOT NULL,
    name text,
    scopes jsonb NOT NULL,
    groups jsonb NOT NULL,
    roles jsonb NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS sallyport_api_keys_owner ON {schema}.sallyport_api_keys (owner);

  -- Claims of processes on a new identity, which one of them registers in the application's own database.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_claims (
    key text PRIMARY KEY,
    owner text NOT NULL,
    lease_until timestamptz NOT NULL,
    done boolean NOT NULL DEFAULT false
  );
END $sallyport$`;

/**
 * Returns the statement that creates missing tables, for applications with migrations of their own.
 * @throws {ConfigurationError} when the schema is not lower-case letters, digits and underscores.
 */
export function schemaSql(schema = 'public'): string {
  assertSchemaName('schemaSql.schema', schema);
  return SCHEMA.replaceAll('{schema}', schema);
}

/** Creates missing tables. Safe at every start, and in several processes at the same time. */
export async function migrateSchema(client: SqlClient, schema: string): Promise<void> {
  await queryRows(client, schemaSql(schema));
}
