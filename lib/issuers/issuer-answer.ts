import { KeyObject } from 'node:crypto';
import { Agent } from 'node:http';
import type { KeySource } from '../keys/key-source.js';
import { namesOf } from '../options/option-names.js';
import { CLAIM_OPTION_NAMES, type ClaimOptions } from '../pipeline/token-options.js';
import { ISSUER_OPTION_NAMES, type IssuerOptions } from './issuer-record.js';
import { KEY_OPTION_NAMES } from './key-options.js';

/**
 * Answer of `issuers()`: the options of one issuer. Those about claims replace the method's for the tokens of this
 * issuer, member by member in `claims`; `validators` and `isRevoked` are asked beside the method's.
 */
export type IssuersAnswer = IssuerOptions & ClaimOptions;

/** Names of {@link IssuersAnswer}. */
export const ANSWER_NAMES = namesOf<IssuersAnswer>()({}, ISSUER_OPTION_NAMES, CLAIM_OPTION_NAMES);

/** Returns the options of an answer that are about claims; `undefined`: it has none. */
export function claimOptionsIn(answer: ClaimOptions): ClaimOptions | undefined {
  const given = CLAIM_OPTION_NAMES.filter((name) => answer[name] !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given.map((name) => [name, answer[name]]));
}

/** Options of an answer, comparable with those of a later answer. */
export interface Ingredients {
  /** Options that the keys depend on, so that these are loaded again only where they changed. */
  readonly keys: string;
  /** Key source of the application, where the answer has one. */
  readonly source: KeySource | undefined;
  /** All other options. */
  readonly others: string;
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

/** Whether an object is a plain one, also of another realm (`vm`). */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Writes an instance of a class with its identity, because JSON does not show what is private in it. */
function writtenExactly(value: unknown): unknown {
  const plain = written(value);
  const isInstance = typeof plain === 'object' && plain !== null && !Array.isArray(plain) && !isPlain(plain);
  return isInstance ? [identityOf(plain), { ...plain }] : plain;
}

const KEY_NAMES: ReadonlySet<string> = new Set(['issuer', ...KEY_OPTION_NAMES]);

/** Returns the options as comparable texts, in which a change of an object in place, or another key, shows. */
export function ingredients({ keys: source, ...options }: IssuersAnswer): Ingredients {
  const of = (isWanted: (name: string) => boolean, write: (value: unknown) => unknown) => {
    const wanted = Object.entries(options).filter(([name]) => isWanted(name));
    return JSON.stringify(Object.fromEntries(wanted), (_name, value: unknown) => write(value));
  };
  return {
    keys: of((name) => KEY_NAMES.has(name), written),
    source,
    others: of((name) => !KEY_NAMES.has(name), writtenExactly),
  };
}
