import { createHash } from 'node:crypto';
import type { KongRecord } from '../kong-record.js';
import { kongId } from './kong-ids.js';

/** A `keyauth_credentials` entity. The key itself is not kept. */
export interface KeyAuthCredential {
  readonly record: KongRecord;
  readonly id: string;
  readonly hash: string;
  readonly expiresAt: Date | undefined;
}

/** API keys by their hashes, with the ids of the consumers that own them. */
export type KeyAuthKeys = ReadonlyMap<string, KeyAuthCredential & { readonly owner: string }>;

/** Lists of API keys, of `key-auth` and of `key-auth-enc`. */
export const KEY_LISTS = ['keyauth_credentials', 'keyauth_enc_credentials'] as const;
const FIELDS = ['id', 'created_at', 'updated_at', 'consumer', 'key', 'ttl', 'tags', '_comment', '_ignore'] as const;
/** A hundred years, in seconds, which is the most that Kong takes. */
const MAX_TTL = 100_000_000;

/** Hashes an API key, so that no copy of it stays in memory, and comparing takes no measurable time. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}

/** Returns when a key ends. Without a time of creation it is counted from now, as Kong does on loading. */
function endOf(record: KongRecord): Date | undefined {
  const ttl = record.numberBetween('ttl', 0, MAX_TTL) ?? 0;
  if (ttl === 0) return undefined;
  const created = record.numberBetween('created_at', 0, Number.MAX_SAFE_INTEGER) ?? Date.now() / 1000;
  return new Date((created + ttl) * 1000);
}

/**
 * Reads an API key of a consumer.
 * @throws {ConfigurationError} that does not quote the key.
 */
export function readKeyAuthCredential(record: KongRecord): KeyAuthCredential {
  record.assertKnown(FIELDS);
  const key = record.text('key');
  if (key === undefined)
    throw record.refusal('key', 'is missing; Kong generates one on loading, which nobody could know here');
  return {
    record,
    id: record.uuid('id') ?? kongId('keyauth_credentials', key),
    hash: hashOfKey(key),
    expiresAt: endOf(record),
  };
}
