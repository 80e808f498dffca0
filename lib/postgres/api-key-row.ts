import type { ApiKeyInfo } from '../consumers/api-key.js';
import type { StoredApiKey } from '../consumers/new-api-key.js';
import { json } from './consumer-row.js';
import type { Row } from './sql-client.js';

/** A row of the table `sallyport_api_keys`. */
export type ApiKeyRow = Row & {
  id: string;
  position: number;
  owner: string;
  hash: Uint8Array;
  start: string;
  name: string | null;
  scopes: string[];
  groups: string[];
  roles: string[];
  enabled: boolean;
  expires_at: Date | null;
  created_at: Date;
};

/** Record of an API key for callers: every column but the hash. */
export function apiKeyInfoOf(row: ApiKeyRow): ApiKeyInfo {
  return Object.freeze({
    id: row.id,
    owner: row.owner,
    ...(row.name === null ? {} : { name: row.name }),
    scopes: Object.freeze(row.scopes),
    groups: Object.freeze(row.groups),
    roles: Object.freeze(row.roles),
    enabled: row.enabled,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    start: row.start,
    createdAt: row.created_at,
  });
}

/** Values of the parameters `$1` to `$10` of `create` and `rotate`. */
export function apiKeyValues({ info, hash }: StoredApiKey): unknown[] {
  const { id, owner, start, name = null, scopes, groups, roles, expiresAt = null, createdAt } = info;
  return [id, owner, hash, start, name, json(scopes), json(groups), json(roles), expiresAt, createdAt];
}
