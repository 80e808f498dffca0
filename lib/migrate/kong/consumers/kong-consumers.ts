import type { KongRecord } from '../kong-record.js';
import { leaveOutPlugin, type OtherPlugins } from '../other-plugins.js';
import { type JwtSecret, readJwtSecret } from './jwt-secret.js';
import { KEY_LISTS, type KeyAuthCredential, readKeyAuthCredential } from './key-auth-credential.js';
import { kongId } from './kong-ids.js';

/** A `consumers` entity with its credentials and groups. */
export interface KongConsumer {
  readonly record: KongRecord;
  readonly id: string | undefined;
  readonly username: string | undefined;
  readonly customId: string | undefined;
  readonly tags: readonly string[];
  /** Groups from `acls`. */
  readonly groups: string[];
  readonly secrets: JwtSecret[];
  readonly keys: KeyAuthCredential[];
}

const OWN_FIELDS = ['id', 'created_at', 'updated_at', 'username', 'custom_id', 'tags', 'type', '_comment', '_ignore'];
/** The list of credentials by both of its names; the Admin API calls it `jwt`. */
const SECRET_LISTS = ['jwt_secrets', 'jwt'] as const;
const CARRIED = [...OWN_FIELDS, ...SECRET_LISTS, 'acls', 'plugins'];

/** Rules for reading consumers. */
interface ConsumerRules extends OtherPlugins {
  /** Whether a plugin looks at API keys, so that they are carried over. */
  readonly carriesKeys: boolean;
}
const ACL_FIELDS = ['id', 'created_at', 'consumer', 'group', 'tags', '_comment', '_ignore'] as const;

/** Reads entities that are nested in a consumer; they belong to it, and cannot name another. */
function nested(record: KongRecord, list: string): KongRecord[] {
  const items = record.records(list);
  for (const item of items) {
    if (item.value('consumer') !== undefined) throw item.refusal('consumer', 'value must be null');
  }
  return items;
}

function readGroup(acl: KongRecord): string {
  acl.assertKnown(ACL_FIELDS);
  const group = acl.text('group');
  if (group === undefined) throw acl.refusal('group', 'required field missing');
  return group;
}

/** Refuses fields that no consumer has. Any list may hold the credentials of some plugin, and is a warning. */
function assertFields(record: KongRecord, others: ConsumerRules): void {
  const carried = others.carriesKeys ? [...CARRIED, ...KEY_LISTS] : CARRIED;
  const lists = record.names.filter((name) => !carried.includes(name));
  record.assertKnown([...carried, ...lists.filter((name) => Array.isArray(record.value(name)))]);
  others.warnings.notCarried(record, lists);
  leaveOutPluginsOf(record, 'consumer', others);
}

/** Looks at plugins that Kong runs for some consumers only, which it knows after authentication. */
function leaveOutPluginsOf(
  owner: KongRecord,
  kind: 'consumer' | 'consumer_group',
  others: OtherPlugins,
  list = 'plugins',
): void {
  for (const plugin of owner.records(list)) {
    const name = plugin.text('name');
    if (name === undefined) throw plugin.refusal('name', 'required field missing');
    if (name === 'jwt' || name === 'openid-connect') throw plugin.refusal(kind, 'value must be null');
    leaveOutPlugin(plugin, name, others);
  }
}

function readConsumer(record: KongRecord, others: ConsumerRules): KongConsumer {
  assertFields(record, others);
  const username = record.text('username');
  const customId = record.text('custom_id');
  if (username === undefined && customId === undefined) {
    throw record.refusal('@entity', "at least one of these fields must be non-empty: 'custom_id', 'username'");
  }
  return {
    record,
    id: record.uuid('id') ?? (username === undefined ? undefined : kongId('consumers', username)),
    username,
    customId,
    tags: record.texts('tags') ?? [],
    groups: nested(record, 'acls').map(readGroup),
    secrets: SECRET_LISTS.flatMap((list) => nested(record, list).map(readJwtSecret)),
    keys: keysIn(record, others, nested),
  };
}

/** Finds the consumer that a top-level entity belongs to: by username or id, or by `{ id }` as in the Admin API. */
function ownerOf(item: KongRecord, consumers: readonly KongConsumer[]): KongConsumer {
  const given = item.value('consumer');
  if (given === undefined) throw item.refusal('consumer', 'required field missing');
  const record = typeof given === 'string' ? undefined : item.record('consumer');
  const name = record === undefined ? item.text('consumer') : (record.text('id') ?? record.text('username'));
  const owner =
    consumers.find(({ username }) => username === name) ??
    consumers.find(({ id }) => id?.toLowerCase() === name?.toLowerCase());
  if (name === undefined || owner === undefined) {
    const shown = name ?? JSON.stringify(given);
    throw item.refusal('consumer', `invalid reference 'consumer: ${shown}' (no such entry in 'consumers')`);
  }
  return owner;
}

/** Reads lists of API keys, where a plugin looks at them. */
function keysIn(record: KongRecord, { carriesKeys }: ConsumerRules, read: typeof nested): KeyAuthCredential[] {
  return carriesKeys ? KEY_LISTS.flatMap((list) => read(record, list).map(readKeyAuthCredential)) : [];
}

/**
 * Checks a unique field.
 * @param shows whether the refusal shows the value, which is none of a secret.
 * @throws {ConfigurationError} where two entities have one value of it.
 */
function assertUnique<T extends { readonly record: KongRecord }>(
  entity: string,
  field: string,
  entries: readonly T[],
  pick: (entry: T) => string | undefined,
  shows = true,
): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    const value = pick(entry);
    if (value === undefined) continue;
    if (seen.has(value)) {
      const violation = `UNIQUE violation detected on '{${field}${shows ? `=${JSON.stringify(value)}` : ''}}'`;
      throw entry.record.refusal(field, `uniqueness violation: '${entity}' entity already declared (${violation})`);
    }
    seen.add(value);
  }
}

/**
 * Reads all consumers with their credentials and groups.
 * @throws {ConfigurationError} with the reason of Kong's schema.
 */
export function readConsumers(root: KongRecord, others: ConsumerRules): readonly KongConsumer[] {
  const consumers = root.records('consumers').map((record) => readConsumer(record, others));
  for (const group of root.records('consumer_groups')) leaveOutPluginsOf(group, 'consumer_group', others);
  leaveOutPluginsOf(root, 'consumer_group', others, 'consumer_group_plugins');
  for (const item of root.records('jwt_secrets')) ownerOf(item, consumers).secrets.push(readJwtSecret(item));
  for (const item of root.records('acls')) ownerOf(item, consumers).groups.push(readGroup(item));
  for (const list of others.carriesKeys ? KEY_LISTS : [])
    for (const item of root.records(list)) ownerOf(item, consumers).keys.push(readKeyAuthCredential(item));
  const secrets = consumers.flatMap((consumer) => consumer.secrets);
  const keys = consumers.flatMap((consumer) => consumer.keys);
  assertUnique('consumers', 'username', consumers, ({ username }) => username);
  assertUnique('consumers', 'custom_id', consumers, ({ customId }) => customId);
  assertUnique('consumers', 'id', consumers, ({ id }) => id?.toLowerCase());
  assertUnique('jwt_secrets', 'key', secrets, ({ key }) => key);
  assertUnique('jwt_secrets', 'id', secrets, ({ id }) => id?.toLowerCase());
  assertUnique('keyauth_credentials', 'key', keys, ({ hash }) => hash, false);
  return consumers;
}
