import { ConfigurationError } from '../errors/configuration-error.js';
import { assertDate, assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { ApiKeyInfo, CreatedApiKey } from './api-key.js';
import { generateApiKey, hashApiKey } from './api-key-format.js';
import type { NewApiKey } from './api-key-store.js';
import { isLive } from './credential-key.js';
import { noSuchApiKey } from './refusals.js';

/** An API key as a store keeps it: the hash of the key, and the record for listings. */
export interface StoredApiKey {
  readonly info: ApiKeyInfo;
  readonly hash: Uint8Array;
}

const LISTS = ['scopes', 'groups', 'roles'] as const;

/** Names of the fields of {@link NewApiKey}. */
export const NEW_API_KEY_NAMES = namesOf<NewApiKey>()({
  owner: true,
  name: true,
  scopes: true,
  groups: true,
  roles: true,
  expiresAt: true,
});

function assertFields(option: string, given: NewApiKey): void {
  checkOptionNames(option, given, NEW_API_KEY_NAMES);
  assertNonEmptyString(`${option}.owner`, given.owner);
  if (given.name !== undefined) assertNonEmptyString(`${option}.name`, given.name);
  for (const field of LISTS) if (given[field] !== undefined) assertStrings(`${option}.${field}`, given[field]);
  if (given.expiresAt !== undefined) assertDate(`${option}.expiresAt`, given.expiresAt);
}

/** Copies a record for a caller, dates included, so that a change to the copy does not move the stored expiry. */
export function shownApiKey(info: ApiKeyInfo): ApiKeyInfo {
  const { expiresAt, createdAt } = info;
  return Object.freeze({
    ...info,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    createdAt: new Date(createdAt),
  });
}

/**
 * Checks and completes the record of an existing key.
 * @throws {ConfigurationError} when a field is unknown or of the wrong kind.
 */
export function createApiKeyRecord(
  option: string,
  given: NewApiKey,
  { id, start, key }: { id: string; start: string; key: string },
): StoredApiKey & { created: CreatedApiKey } {
  assertFields(option, given);
  const { owner, name, expiresAt, scopes = [], groups = [], roles = [] } = given;
  const info: ApiKeyInfo = Object.freeze({
    id,
    owner,
    ...(name === undefined ? {} : { name }),
    scopes: Object.freeze([...scopes]),
    groups: Object.freeze([...groups]),
    roles: Object.freeze([...roles]),
    enabled: true,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    start,
    createdAt: new Date(),
  });
  return { info, hash: hashApiKey(key), created: { ...shownApiKey(info), key } };
}

/**
 * Generates a key and its record.
 * @throws {ConfigurationError} when a field is unknown or of the wrong kind.
 */
export function createApiKey(
  option: string,
  given: NewApiKey,
  prefix: string,
): StoredApiKey & { created: CreatedApiKey } {
  return createApiKeyRecord(option, given, generateApiKey(prefix));
}

/**
 * Fields of the successor of a key: its owner and rights, and its expiry unless a new one is given.
 * @throws {ConfigurationError} when there is no such key, it was revoked, or it has expired and no new expiry is given:
 * rotation must not revive a key.
 */
export function successorOfApiKey(
  option: string,
  id: string,
  old: ApiKeyInfo | undefined,
  expiresAt: Date | undefined,
): NewApiKey {
  if (old === undefined) throw noSuchApiKey(option, id);
  if (!old.enabled) throw new ConfigurationError(option, `the API key with the id ${JSON.stringify(id)} was revoked`);
  if (expiresAt === undefined && !isLive(old)) {
    throw new ConfigurationError(`${option}.expiresAt`, 'is required, because the old key has expired');
  }
  const { owner, name, scopes, groups, roles } = old;
  const end = expiresAt ?? old.expiresAt;
  return {
    owner,
    scopes,
    groups,
    roles,
    ...(name === undefined ? {} : { name }),
    ...(end === undefined ? {} : { expiresAt: end }),
  };
}
