import { ConfigurationError } from '../errors/configuration-error.js';

// What every store says alike, so that an application can change its store and keep its messages. To be thrown.

export function taken(option: string, field: string, value: string): ConfigurationError {
  return new ConfigurationError(`${option}.${field}`, `${JSON.stringify(value)} is taken`);
}

export function noSuchConsumer(option: string, consumer: string): ConfigurationError {
  return new ConfigurationError(option, `there is no consumer ${JSON.stringify(consumer)}`);
}

export function noSuchCredential(option: string, key: string): ConfigurationError {
  return new ConfigurationError(option, `there is no credential with the key ${JSON.stringify(key)}`);
}

export function noSuchApiKey(option: string, id: string): ConfigurationError {
  return new ConfigurationError(option, `there is no API key with the id ${JSON.stringify(id)}`);
}
