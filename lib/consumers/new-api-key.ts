import { ConfigurationError } from '../errors/configuration-error.js';
import { assertDate, assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { ApiKeyInfo, CreatedApiKey } from './api-key.js';
import { generateApiKey, hashApiKey } from './api-key-format.js';
import type { NewApiKey } from './api-key-store.js';
import { isLive } from './credential-key.js';
import { noSuchApiKey } from './refusals.js';

/** An API key as a store keeps it: what recognises it, and what may be shown. */
export interface StoredApiKey {
  readonly info: ApiKeyInfo;
  readonly hash: Uint8Array;
}

const LISTS = ['scopes', 'groups', 'roles'] as const;

function assertFields(option: string, given: NewApiKey): void {
  checkOptionNames(option, given, ['owner', 'name', 'expiresAt', ...LISTS]);
  assertNonEmptyString(`${option}.owner`, given.owner);
  if (given.name !== undefined) assertNonEmptyString(`${option}.name`, given.name);
  for (const field of LISTS) if (given[field] !== undefined) assertStrings(`${option}.${field}`, given[field]);
  if (given.expiresAt !== undefined) assertDate(`${option}.expiresAt`, given.expiresAt);
}

/** Dates of its own: whoever is shown some must not move the end. */
export function shownApiKey(info: ApiKeyInfo): ApiKeyInfo {
  const { expiresAt, createdAt } = info;
  return Object.freeze({
    ...info,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    createdAt: new Date(createdAt),
  });
}

/** Checks and completes the record of a key that was made already. @throws ConfigurationError */
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

/** Makes a key and its record. @throws ConfigurationError */
export function createApiKey(
  option: string,
  given: NewApiKey,
  prefix: string,
): StoredApiKey & { created: CreatedApiKey } {
  return createApiKeyRecord(option, given, generateApiKey(prefix));
}

/**
 * What the successor of a key is to be.
 * @throws ConfigurationError if there is none, it was revoked, or it has expired and nothing says when its
 * successor does: renewing a key is no way to bring it back.
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
