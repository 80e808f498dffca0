import { ConfigurationError } from '../../errors/configuration-error.js';
import { readFields, readText } from './fields.js';

const FIELDS = [
  'Name',
  'Type',
  'DisplayName',
  'Description',
  'MaxTokenTTL',
  'TokenLocality',
  'TokenNameFormat',
  'Config',
  'NamespaceRules',
  'Namespace',
  'Partition',
  'CreateIndex',
  'ModifyIndex',
  'BindingRules',
] as const;

/** An auth method without its `Config` read, with its binding rules beside it. */
export interface Envelope {
  readonly name: string;
  readonly config: unknown;
  /** Binding rules; `undefined` where none were given, which differs from an empty list. */
  readonly bindingRules: readonly unknown[] | undefined;
  readonly warnings: readonly string[];
}

/** Fields about tokens that Consul mints and about its namespaces, and why they mean nothing here. */
const MEANINGLESS = {
  MaxTokenTTL: 'no token is minted here: a principal lives as long as its JWT',
  TokenLocality: 'no token is minted here, so there is nothing to replicate',
  TokenNameFormat: 'no token is minted here, so there is nothing to name',
  NamespaceRules: 'there are no namespaces here; no namespace is chosen, and no right follows from one',
  Namespace: 'there are no namespaces here',
  Partition: 'there are no partitions here',
} as const;

/** Whether a field says something else than its default. */
function isSaid(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== '' && value !== 0 && value !== '0s' && value !== 'default';
}

/**
 * Reads an auth method, checked as Consul does when it is written.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readEnvelope(option: string, value: unknown): Envelope {
  const fields = readFields(option, value, FIELDS);
  const name = readText(`${option}.Name`, fields.Name);
  if (!/^[A-Za-z0-9\-_]{1,128}$/.test(name)) {
    throw new ConfigurationError(`${option}.Name`, 'Invalid Auth Method: expects 1 to 128 of A-Z, a-z, 0-9, - and _');
  }
  if (fields.Type !== 'jwt') {
    throw new ConfigurationError(`${option}.Type`, 'Invalid Auth Method: Type should be one of: jwt');
  }
  if (!['', 'local', 'global'].includes(readText(`${option}.TokenLocality`, fields.TokenLocality))) {
    throw new ConfigurationError(`${option}.TokenLocality`, 'Invalid Auth Method: expects "local" or "global"');
  }
  const { BindingRules: bindingRules } = fields;
  if (bindingRules !== undefined && !Array.isArray(bindingRules)) {
    throw new ConfigurationError(`${option}.BindingRules`, 'expects an array of binding rules');
  }
  const warnings = Object.entries(MEANINGLESS)
    .filter(([field]) => isSaid(fields[field as keyof typeof MEANINGLESS]))
    .map(([field, reason]) => `${field} has no meaning here: ${reason}.`);
  return { name, config: fields.Config ?? {}, bindingRules, warnings };
}
