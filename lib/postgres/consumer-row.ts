import type { Consumer, CredentialInfo } from '../consumers/consumer.js';
import type { NewConsumer } from '../consumers/consumer-store.js';
import type { Algorithm } from '../keys/algorithms.js';
import type { Row } from './sql-client.js';

/** A row of the consumers' table. */
export type ConsumerRow = Row & {
  id: string;
  position: number;
  username: string | null;
  custom_id: string | null;
  groups: string[];
  roles: string[];
  tags: string[];
  created_at: Date;
};

/** A row of the credentials' table. */
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
  Pick<ConsumerRow, 'username' | 'custom_id' | 'groups' | 'roles'> & {
    consumer_tags: string[];
    consumer_created_at: Date;
  };

/** A row as the store's contract wants it; columns without a value are left out. */
export function consumerOf(row: Omit<ConsumerRow, 'position'>): Consumer {
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

/** The consumer that a found credential belongs to. */
export function ownerOf(row: FoundRow): Consumer {
  const { consumer_id: id, consumer_tags: tags, consumer_created_at: createdAt, ...others } = row;
  return consumerOf({ ...others, id, tags, created_at: createdAt });
}

/** What may be shown of a credential. */
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

/** A list as a value of `jsonb`; a driver would make an array of PostgreSQL's out of it. */
export function json(list: readonly string[]): string;
export function json(list: readonly string[] | undefined): string | null;
export function json(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list);
}

/** The values of `createConsumer` and `updateConsumer`, from the second on; `null` where nothing is said. */
export function consumerValues({ username, customId, groups, roles, tags }: Omit<NewConsumer, 'id'>): unknown[] {
  return [username ?? null, customId ?? null, json(groups), json(roles), json(tags)];
}
