import { ConfigurationError } from '../errors/configuration-error.js';

// Error builders shared by all stores, so that an application gets the messages it knows from any store.

/** A value that must be unique belongs to another record. */
export function taken(option: string, field: string, value: string): ConfigurationError {
  return new ConfigurationError(`${option}.${field}`, `${JSON.stringify(value)} is taken`);
}

/** A consumer to be changed, or to own a credential, does not exist. */
export function noSuchConsumer(option: string, consumer: string): ConfigurationError {
  return new ConfigurationError(option, `there is no consumer ${JSON.stringify(consumer)}`);
}

/** A credential to be rotated does not exist. */
export function noSuchCredential(option: string, key: string): ConfigurationError {
  return new ConfigurationError(option, `there is no credential with the key ${JSON.stringify(key)}`);
}

/** An API key to be rotated does not exist. */
export function noSuchApiKey(option: string, id: string): ConfigurationError {
  return new ConfigurationError(option, `there is no API key with the id ${JSON.stringify(id)}`);
}
