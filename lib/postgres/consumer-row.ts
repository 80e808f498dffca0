import type { Consumer, CredentialInfo } from '../consumers/consumer.js';
import type { NewConsumer, Page } from '../consumers/consumer-store.js';
import { cutPage, type PageRequest } from '../consumers/page.js';
import type { Algorithm } from '../keys/algorithms.js';
import type { Row } from './sql-client.js';

interface ConsumerColumns {
  id: string;
  username: string | null;
  custom_id: string | null;
  groups: string[];
  roles: string[];
  tags: string[];
  created_at: Date;
}

/** A row of the table `sallyport_consumers`. */
export type ConsumerRow = Row & ConsumerColumns & { position: number };

/** A row of the table `sallyport_credentials`. */
export type CredentialRow = Row & {
  id: string;
  position: number;
  consumer_id: string;
  key: string;
  algorithm: Algorithm;
  sealed_secret: Uint8Array | null;
  kek_id: string | null;
  public_key: string | null;
  weak: boolean;
  enabled: boolean;
  not_before: Date | null;
  expires_at: Date | null;
  tags: string[];
  created_at: Date;
};

/** A row of the statement `findCredential`: a credential with its consumer. */
export type FoundRow = CredentialRow &
  Pick<ConsumerColumns, 'username' | 'custom_id' | 'groups' | 'roles'> & {
    consumer_tags: string[];
    consumer_created_at: Date;
  };

/** Converts a row into a consumer; columns that are null become absent members. */
export function consumerOf(row: ConsumerColumns): Consumer {
  return Object.freeze({
    id: row.id,
    ...(row.username === null ? {} : { username: row.username }),
    ...(row.custom_id === null ? {} : { customId: row.custom_id }),
    groups: Object.freeze(row.groups),
    roles: Object.freeze(row.roles),
    tags: Object.freeze(row.tags),
    createdAt: row.created_at,
  });
}

/** The consumer in a row of `findCredential`. */
export function ownerOf(row: FoundRow): Consumer {
  return consumerOf({ ...row, id: row.consumer_id, tags: row.consumer_tags, created_at: row.consumer_created_at });
}

/** Record of a credential for callers: every column but the secret and the public key. */
export function credentialInfoOf(row: CredentialRow): CredentialInfo {
  return Object.freeze({
    id: row.id,
    consumerId: row.consumer_id,
    key: row.key,
    algorithm: row.algorithm,
    enabled: row.enabled,
    ...(row.not_before === null ? {} : { notBefore: row.not_before }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    tags: Object.freeze(row.tags),
    createdAt: row.created_at,
  });
}

/** Converts rows in order of `position` into a page. */
export function pageOfRows<R extends { position: number }, T>(
  rows: readonly R[],
  page: PageRequest,
  itemOf: (row: R) => T,
): Page<T> {
  return cutPage(
    rows.map((row) => [row.position, itemOf(row)] as const),
    page,
  );
}

/** Writes a list as a value of `jsonb`; a driver would send an array as one of PostgreSQL's own type. */
export function json(list: readonly string[]): string;
export function json(list: readonly string[] | undefined): string | null;
export function json(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list);
}

/** Values of the parameters `$2` to `$6` of `createConsumer` and `updateConsumer`; `null` for absent fields. */
export function consumerValues({ username, customId, groups, roles, tags }: Omit<NewConsumer, 'id'>): unknown[] {
  return [username ?? null, customId ?? null, json(groups), json(roles), json(tags)];
}
