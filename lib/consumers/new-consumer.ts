import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf, namesWithout } from '../options/option-names.js';
import type { Consumer } from './consumer.js';
import type { NewConsumer } from './consumer-store.js';

/** Names of the fields of {@link NewConsumer}. */
export const NEW_CONSUMER_NAMES = namesOf<NewConsumer>()({
  id: true,
  username: true,
  customId: true,
  groups: true,
  roles: true,
  tags: true,
});
const CHANGEABLE = namesWithout(NEW_CONSUMER_NAMES, 'id');

function assertFields(option: string, given: NewConsumer, known: readonly string[]): void {
  checkOptionNames(option, given, known);
  for (const field of ['id', 'username', 'customId'] as const) {
    if (given[field] !== undefined) assertNonEmptyString(`${option}.${field}`, given[field]);
  }
  for (const field of ['groups', 'roles', 'tags'] as const) {
    if (given[field] !== undefined) assertStrings(`${option}.${field}`, given[field]);
  }
}

/**
 * Checks and completes a consumer. Fields that are not given keep the value that they have in `current`.
 * @throws {ConfigurationError} when a field is unknown or of the wrong kind, or there is neither username nor customId.
 */
export function createConsumerRecord(option: string, given: NewConsumer, current?: Consumer): Consumer {
  assertFields(option, given, current === undefined ? NEW_CONSUMER_NAMES : CHANGEABLE);
  const username = given.username ?? current?.username;
  const customId = given.customId ?? current?.customId;
  if (username === undefined && customId === undefined) {
    throw new ConfigurationError(option, 'needs a username or a customId');
  }
  return Object.freeze({
    id: current?.id ?? given.id ?? randomUUID(),
    ...(username === undefined ? {} : { username }),
    ...(customId === undefined ? {} : { customId }),
    groups: Object.freeze([...(given.groups ?? current?.groups ?? [])]),
    roles: Object.freeze([...(given.roles ?? current?.roles ?? [])]),
    tags: Object.freeze([...(given.tags ?? current?.tags ?? [])]),
    createdAt: current?.createdAt ?? new Date(),
  });
}
