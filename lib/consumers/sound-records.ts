import { types } from 'node:util';
import type { Consumer, ConsumerCredential } from './consumer.js';

/** What a store of the application's own hands out has been through no compiler; databases say `null` for absent. */
type Unchecked<T> = { readonly [Field in keyof T]?: unknown };

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isDate(value: unknown): value is Date {
  return types.isDate(value) && Number.isFinite(value.getTime());
}

function optionalText(field: string, value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw new TypeError(`the store's consumer has a ${field} that is not a text`);
  return value;
}

/** A text where a list belongs would otherwise be spread into its letters. */
function texts(field: string, value: unknown): readonly string[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return [...value];
  throw new TypeError(`the store's consumer has ${field} that are not an array of texts`);
}

/**
 * A credential of which `isLive` can say yes or no: `enabled: 0` or a date that is a text must not count as no limit.
 * @throws TypeError
 */
export function soundCredential(credential: ConsumerCredential): ConsumerCredential {
  const { enabled, notBefore, expiresAt }: Unchecked<ConsumerCredential> = credential;
  if (!isAbsent(enabled) && typeof enabled !== 'boolean')
    throw new TypeError("the store's credential has an enabled that is neither true nor false");
  for (const [field, date] of Object.entries({ notBefore, expiresAt })) {
    if (!isAbsent(date) && !isDate(date))
      throw new TypeError(`the store's credential has a ${field} that is not a Date`);
  }
  return credential;
}

/**
 * A copy of a consumer, with what the contract names and nothing else: what goes into a principal is frozen and
 * may be sent to a client, so neither the store's own object nor a column that happens to be there belongs in it.
 * @throws TypeError
 */
export function soundConsumer(consumer: Consumer): Consumer {
  const given: Unchecked<Consumer> = consumer;
  if (typeof given.id !== 'string' || given.id === '') throw new TypeError("the store's consumer has no id");
  const username = optionalText('username', given.username);
  const customId = optionalText('customId', given.customId);
  return {
    id: given.id,
    ...(username === undefined ? {} : { username }),
    ...(customId === undefined ? {} : { customId }),
    groups: texts('groups', given.groups),
    roles: texts('roles', given.roles),
    tags: texts('tags', given.tags),
    createdAt: new Date(isDate(given.createdAt) ? given.createdAt : 0),
  };
}
