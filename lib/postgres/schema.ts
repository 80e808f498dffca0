import { ConfigurationError } from '../errors/configuration-error.js';
import { queryRows, type SqlClient } from './sql-client.js';

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;

/** Refuses names that would have to be quoted. @throws ConfigurationError */
export function assertSchemaName(option: string, schema: unknown): asserts schema is string {
  if (typeof schema !== 'string' || !IDENTIFIER.test(schema)) {
    throw new ConfigurationError(option, 'expects a schema name of lower-case letters, digits and underscores');
  }
}

/**
 * Every table of `sallyport/postgres`, in one statement: one transaction, one process at a time, and nothing to do
 * where all is there already.
 */
const SCHEMA = `DO $sallyport$ BEGIN
  PERFORM pg_advisory_xact_lock(7255001);
  -- Asked first, because even IF NOT EXISTS wants the right to create.
  IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA {schema}; END IF;

  -- People. "email" is verified and normalised, and the only address that is unique or matched.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_users (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    username text,
    name text,
    email text,
    unverified_email text,
    status text NOT NULL CHECK (status IN ('active', 'pending', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX IF NOT EXISTS sallyport_users_email ON {schema}.sallyport_users (tenant, email)
    WHERE email IS NOT NULL;

  -- Who they are at their issuers. The primary key decides every race for a first registration.
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
  -- A second identity of one issuer on one user is a recycled address, unless somebody linked it on purpose.
  CREATE UNIQUE INDEX IF NOT EXISTS sallyport_identities_issuer ON {schema}.sallyport_identities (user_id, issuer)
    WHERE link_method <> 'explicit';

  -- Identities that were taken away: a live token must not register them anew.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_tombstones (
    tenant text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, issuer, subject)
  );

  -- Memberships, each with who granted it: an issuer, "default", or whatever the application writes here.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_memberships (
    user_id uuid NOT NULL REFERENCES {schema}.sallyport_users (id) ON DELETE CASCADE,
    group_name text NOT NULL,
    source text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, group_name, source)
  );
  CREATE INDEX IF NOT EXISTS sallyport_memberships_group ON {schema}.sallyport_memberships (group_name);

  -- API clients and what they sign with. Secrets are sealed; "kek_id" says with which key. "position" is the order
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

  -- API keys, of which only a hash is kept. "start" is for people to recognise one by. One that was revoked stays,
  -- disabled.
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

  -- Who registers a person first in the application's own database, one process at a time.
  CREATE TABLE IF NOT EXISTS {schema}.sallyport_claims (
    key text PRIMARY KEY,
    owner text NOT NULL,
    lease_until timestamptz NOT NULL,
    done boolean NOT NULL DEFAULT false
  );
END $sallyport$`;

/** The statement that creates what is missing, for those who run their migrations themselves. */
export function schemaSql(schema = 'public'): string {
  assertSchemaName('schemaSql.schema', schema);
  return SCHEMA.replaceAll('{schema}', schema);
}

/** Creates what is missing. Safe to call at every start, in several processes at once. */
export async function migrateSchema(client: SqlClient, schema: string): Promise<void> {
  await queryRows(client, schemaSql(schema));
}
