import { types } from 'node:util';
import type { ApiKey } from './api-key.js';
import type { Consumer, ConsumerCredential } from './consumer.js';

/** A record from the application's store, whose values no compiler has checked; databases write `null` for absent. */
type Unchecked<T> = { readonly [Field in keyof T]?: unknown };

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isDate(value: unknown): value is Date {
  return types.isDate(value) && Number.isFinite(value.getTime());
}

function optionalText(record: string, field: string, value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw new TypeError(`the store's ${record} has a ${field} that is not a text`);
  return value;
}

function requiredText(record: string, field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`the store's ${record} has no ${field}`);
  return value;
}

/** Copies a list of texts. A text in place of the list must be refused, because a spread would make letters of it. */
function texts(record: string, field: string, value: unknown): readonly string[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return [...value];
  throw new TypeError(`the store's ${record} has ${field} that are not an array of texts`);
}

function assertDateOrNothing(record: string, field: string, value: unknown): void {
  if (!isAbsent(value) && !isDate(value))
    throw new TypeError(`the store's ${record} has a ${field} that is not a Date`);
}

/** Checks the fields that `isLive` reads: `enabled: 0`, or a date that is a text, must not count as no limit. */
function assertWindow(
  record: string,
  given: Unchecked<Pick<ConsumerCredential, 'enabled' | 'notBefore' | 'expiresAt'>>,
) {
  const { enabled, notBefore, expiresAt } = given;
  if (!isAbsent(enabled) && typeof enabled !== 'boolean')
    throw new TypeError(`the store's ${record} has an enabled that is neither true nor false`);
  assertDateOrNothing(record, 'notBefore', notBefore);
  assertDateOrNothing(record, 'expiresAt', expiresAt);
}

/**
 * Validates the fields of a credential that `isLive` reads.
 * @throws {TypeError} when `enabled` is not a boolean or a date is not a valid `Date`.
 */
export function validatedCredential(credential: ConsumerCredential): ConsumerCredential {
  assertWindow('credential', credential);
  return credential;
}

/**
 * Validates a consumer and copies the fields of its type. A principal is frozen and may be sent to a client, so
 * neither the store's own object nor further columns of it may get there.
 * @throws {TypeError} when a field is of the wrong kind, or the id is missing.
 */
export function validatedConsumer(consumer: Consumer): Consumer {
  const given: Unchecked<Consumer> = consumer;
  const id = requiredText('consumer', 'id', given.id);
  const username = optionalText('consumer', 'username', given.username);
  const customId = optionalText('consumer', 'customId', given.customId);
  return {
    id,
    ...(username === undefined ? {} : { username }),
    ...(customId === undefined ? {} : { customId }),
    groups: texts('consumer', 'groups', given.groups),
    roles: texts('consumer', 'roles', given.roles),
    tags: texts('consumer', 'tags', given.tags),
    createdAt: new Date(isDate(given.createdAt) ? given.createdAt : 0),
  };
}

/**
 * Validates an API key and copies the fields that a principal is built from.
 * @throws {TypeError} when a field is of the wrong kind, or the id or owner is missing.
 */
export function validatedApiKey(apiKey: ApiKey): Required<Omit<ApiKey, 'name' | 'expiresAt'>> & { expiresAt?: Date } {
  const given: Unchecked<ApiKey> = apiKey;
  assertWindow('API key', given);
  return {
    id: requiredText('API key', 'id', given.id),
    owner: requiredText('API key', 'owner', given.owner),
    scopes: texts('API key', 'scopes', given.scopes),
    groups: texts('API key', 'groups', given.groups),
    roles: texts('API key', 'roles', given.roles),
    enabled: given.enabled !== false,
    ...(isDate(given.expiresAt) ? { expiresAt: new Date(given.expiresAt) } : {}),
  };
}
