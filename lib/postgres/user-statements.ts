import type { SallyportUser } from '../users/memory-users.js';
import type { StoredUser, UserStatus } from '../users/user-store.js';
import type { Row } from './sql-client.js';
import { inSchema } from './statements.js';

/** A row of the statement `find`. */
export type UserRow = Row & {
  id: string;
  status: UserStatus;
  username: string | null;
  name: string | null;
  email: string | null;
  unverified_email: string | null;
  created_at: Date;
  groups: string[];
};

/** Converts a row into a user; columns that are null become absent members. */
export function storedUser(row: UserRow): StoredUser<SallyportUser> {
  const { id, status, groups, username, name, email, unverified_email: unverifiedEmail, created_at: createdAt } = row;
  const given = Object.entries({ username, name, email, unverifiedEmail }).filter(([, value]) => value !== null);
  const user = Object.freeze({ id, ...(Object.fromEntries(given) as Partial<SallyportUser>), createdAt });
  return { id, status, user, groups, ...(email === null ? {} : { email }) };
}

const KEY = 'tenant = $1 AND issuer = $2 AND subject = $3';
const TOMBSTONED = `EXISTS (SELECT 1 FROM {tombstones} WHERE ${KEY} AND until > now())`;
/**
 * The user that a verified address ($4) may link to: an active one without another identity of this issuer, or without
 * any identity where that is asked for ($5).
 */
const LINKABLE = `SELECT u.id, u.link_version FROM {users} u WHERE u.tenant = $1 AND u.email = $4 AND u.status = 'active'
        AND NOT EXISTS (SELECT 1 FROM {identities} i WHERE i.user_id = u.id AND (i.issuer = $2 OR $5::boolean))`;

/**
 * The statements of the user store, each one atomic. `$1, $2, $3` are tenant, issuer and subject, unless a comment says
 * otherwise. `pg_notify` is part of a statement, so that it notifies if and only if the change is committed.
 */
const STATEMENTS = {
  find: `SELECT u.id::text AS id, u.status, u.username, u.name, u.email, u.unverified_email, u.created_at,
      ARRAY(SELECT DISTINCT m.group_name FROM {memberships} m WHERE m.user_id = u.id ORDER BY 1) AS groups
    FROM {identities} i JOIN {users} u ON u.id = i.user_id
    WHERE i.tenant = $1 AND i.issuer = $2 AND i.subject = $3`,

  // $4 e-mail, $5 unclaimed only. link_version: where the user of the e-mail may be linked to, as of this moment.
  provisioningFacts: `SELECT EXISTS (SELECT 1 FROM {identities} WHERE ${KEY}) AS known, ${TOMBSTONED} AS tombstoned,
    EXISTS (SELECT 1 FROM {users} WHERE tenant = $1 AND email = $4) AS owned, (SELECT link_version FROM (${LINKABLE}) l)`,

  // $4 e-mail, $5 candidate link, $6 link_version that was read. The update waits for another link to the same user, and
  // then finds another version: no row. The unique index refuses a second identity of one issuer.
  linkByEmail: `WITH owner AS (
      UPDATE {users} SET link_version = link_version + 1
      WHERE tenant = $1 AND email = $4 AND status = 'active' AND link_version = $6 AND NOT ${TOMBSTONED}
      RETURNING id
    )
    INSERT INTO {identities} (tenant, issuer, subject, user_id, link_id, link_method)
    SELECT $1, $2, $3, id, $5::uuid, 'email' FROM owner
    ON CONFLICT (tenant, issuer, subject) DO UPDATE SET tenant = excluded.tenant
    RETURNING link_id = $5::uuid AS linked`,

  // $4 candidate id, $5 username, $6 name, $7 e-mail, $8 unverified e-mail, $9 status, $10 groups. The identity's
  // primary key decides which call creates; DO UPDATE, because DO NOTHING would return no row to the other calls.
  create: `WITH linked AS (
      INSERT INTO {identities} (tenant, issuer, subject, user_id, link_id, link_method)
      SELECT $1, $2, $3, $4::uuid, $4::uuid, 'created' WHERE NOT ${TOMBSTONED}
      ON CONFLICT (tenant, issuer, subject) DO UPDATE SET tenant = excluded.tenant
      RETURNING user_id
    ), made AS (
      INSERT INTO {users} (id, tenant, username, name, email, unverified_email, status)
      SELECT user_id, $1, $5, $6, $7, $8, $9 FROM linked WHERE user_id = $4::uuid
      RETURNING id
    ), granted AS (
      INSERT INTO {memberships} (user_id, group_name, source)
      SELECT DISTINCT made.id, wanted.value, 'default' FROM made, jsonb_array_elements_text($10::jsonb) AS wanted(value)
    )
    SELECT user_id = $4::uuid AS created FROM linked`,

  // $4 user, $5 candidate link.
  linkIdentity: `WITH owner AS (
      UPDATE {users} SET link_version = link_version + 1 WHERE id = $4::uuid AND tenant = $1 RETURNING id
    ), linked AS (
      INSERT INTO {identities} (tenant, issuer, subject, user_id, link_id, link_method)
      SELECT $1, $2, $3, id, $5::uuid, 'explicit' FROM owner
      ON CONFLICT (tenant, issuer, subject) DO UPDATE SET tenant = excluded.tenant
      RETURNING user_id, link_id
    )
    SELECT user_id::text AS owner, link_id = $5::uuid AS linked,
      (SELECT pg_notify('{channel}', user_id::text) WHERE link_id = $5::uuid) FROM linked`,

  // $4 user, $5 seconds.
  unlinkIdentity: `WITH unlinked AS (
      DELETE FROM {identities} WHERE ${KEY} AND user_id = $4::uuid RETURNING tenant, issuer, subject, user_id
    ), tombstoned AS (
      INSERT INTO {tombstones} (tenant, issuer, subject, until)
      SELECT tenant, issuer, subject, now() + make_interval(secs => $5) FROM unlinked
      ON CONFLICT (tenant, issuer, subject) DO UPDATE SET until = excluded.until
    )
    SELECT user_id, pg_notify('{channel}', user_id::text) FROM unlinked`,

  // $4 user, $5 watermark, $6 username, $7 name, $8 e-mail, $9 unverified e-mail, $10 only blank.
  syncProfile: `WITH fresh AS (
      UPDATE {identities} SET profile_watermark = $5
      WHERE ${KEY} AND user_id = $4::uuid AND profile_watermark <= $5 RETURNING user_id
    ), wanted AS (
      SELECT me.id, EXISTS (SELECT 1 FROM {users} o WHERE o.tenant = $1 AND o.email = $8 AND o.id <> me.id)
        AND NOT ($10 AND me.email IS NOT NULL) AS taken
      FROM fresh JOIN {users} me ON me.id = fresh.user_id
    )
    UPDATE {users} u SET
      username = CASE WHEN $10 THEN coalesce(u.username, $6) ELSE coalesce($6, u.username) END,
      name = CASE WHEN $10 THEN coalesce(u.name, $7) ELSE coalesce($7, u.name) END,
      email = CASE WHEN wanted.taken THEN u.email WHEN $10 THEN coalesce(u.email, $8) ELSE coalesce($8, u.email) END,
      unverified_email = CASE WHEN $10 THEN coalesce(u.unverified_email, $9) ELSE coalesce($9, u.unverified_email) END
    FROM wanted WHERE u.id = wanted.id
    RETURNING wanted.taken`,

  // $4 user, $5 watermark, $6 source, $7 groups, $8 mirror. The update of the identity's row serializes concurrent
  // calls. A call that had to wait does not see what the other one wrote, finds another revision, and must run again.
  syncGroups: `WITH seen AS (
      SELECT group_revision AS revision FROM {identities}
      WHERE ${KEY} AND user_id = $4::uuid AND group_watermark <= $5
    ), fresh AS (
      UPDATE {identities} SET group_watermark = $5, group_revision = seen.revision + 1
      FROM seen WHERE ${KEY} AND group_revision = seen.revision RETURNING user_id
    ), wanted AS (
      SELECT DISTINCT value AS group_name FROM jsonb_array_elements_text($7::jsonb) AS groups(value)
    ), removed AS (
      DELETE FROM {memberships} m USING fresh WHERE $8 AND m.user_id = fresh.user_id AND m.source = $6
        AND NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.group_name = m.group_name) RETURNING m.group_name
    ), added AS (
      INSERT INTO {memberships} (user_id, group_name, source)
      SELECT fresh.user_id, wanted.group_name, $6 FROM fresh, wanted
      ON CONFLICT DO NOTHING RETURNING group_name
    )
    SELECT EXISTS (SELECT 1 FROM fresh) AS applied, EXISTS (SELECT 1 FROM seen) AS current,
      ARRAY(SELECT group_name FROM added ORDER BY 1) AS added, ARRAY(SELECT group_name FROM removed ORDER BY 1) AS removed`,

  // $1 user, $2 status.
  setStatus: `WITH changed AS (UPDATE {users} SET status = $2 WHERE id = $1::uuid RETURNING id)
    SELECT id, pg_notify('{channel}', id::text) FROM changed`,
};

/** The statements of the user store by name. */
export type UserStatements = typeof STATEMENTS;

/** The statements for the tables of one schema. */
export function userStatements(schema: string, channel: string): UserStatements {
  return inSchema(STATEMENTS, schema, { channel });
}
