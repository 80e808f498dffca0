import { types } from 'node:util';
import type { ApiKey } from './api-key.js';
import type { Consumer, ConsumerCredential } from './consumer.js';

/** What a store of the application's own hands out has been through no compiler; databases say `null` for absent. */
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

/** A text where a list belongs would otherwise be spread into its letters. */
function texts(record: string, field: string, value: unknown): readonly string[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return [...value];
  throw new TypeError(`the store's ${record} has ${field} that are not an array of texts`);
}

function assertDateOrNothing(record: string, field: string, value: unknown): void {
  if (!isAbsent(value) && !isDate(value))
    throw new TypeError(`the store's ${record} has a ${field} that is not a Date`);
}

/** What `isLive` looks at: `enabled: 0` or a date that is a text must not count as no limit. */
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

/** A credential of which `isLive` can say yes or no. @throws TypeError */
export function soundCredential(credential: ConsumerCredential): ConsumerCredential {
  assertWindow('credential', credential);
  return credential;
}

/**
 * A copy of a consumer, with what the contract names and nothing else: what goes into a principal is frozen and
 * may be sent to a client, so neither the store's own object nor a column that happens to be there belongs in it.
 * @throws TypeError
 */
export function soundConsumer(consumer: Consumer): Consumer {
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

/** A copy of an API key, with what a principal is made of and nothing else. @throws TypeError */
export function soundApiKey(apiKey: ApiKey): Required<Omit<ApiKey, 'name' | 'expiresAt'>> & { expiresAt?: Date } {
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
