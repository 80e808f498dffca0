import { KeyObject } from 'node:crypto';
import { Agent } from 'node:http';
import type { KeySource } from '../keys/key-source.js';
import type { IssuerOptions } from './issuer-record.js';

/** Options of an answer, comparable with those of a later answer. */
export interface Ingredients {
  readonly text: string;
  readonly keys: KeySource | undefined;
}

const identities = new WeakMap<object, string>();
let lastIdentity = 0;

/** Returns a text that identifies an object which cannot be serialised, such as an agent. */
function identityOf(value: object): string {
  const known = identities.get(value);
  if (known !== undefined) return known;
  lastIdentity += 1;
  identities.set(value, `object ${lastIdentity}`);
  return `object ${lastIdentity}`;
}

function written(value: unknown): unknown {
  if (typeof value === 'function') return identityOf(value);
  if (value instanceof KeyObject)
    return value.type === 'public' ? value.export({ type: 'spki', format: 'pem' }) : value.export().toString('base64');
  return value instanceof Agent ? identityOf(value) : value;
}

/** Returns the options as comparable text, in which a change of an object in place, or another key, shows. */
export function ingredients({ keys, ...options }: IssuerOptions): Ingredients {
  return { text: JSON.stringify(options, (_name, value: unknown) => written(value)), keys };
}
