import { types } from 'node:util';
import { InvalidTokenError } from '../errors/auth-error.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import type { Authenticated } from './authenticated.js';
import { createPrincipal, type Principal, type PrincipalType } from './principal.js';
import { VerifiedIdentity } from './user-identity.js';

/** Type with every member optional; `undefined` counts as absent. */
type Optional<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** Principal in the answer of an application's own method. It is copied and then frozen. */
export interface MethodPrincipal extends Optional<Omit<Principal, 'type' | 'id' | 'method' | 'credential'>> {
  /** Kind of party that the credential belongs to. */
  readonly type: Exclude<PrincipalType, 'anonymous'>;
  /**
   * Id of the principal; required where there is no identity.
   * @default `issuer|subject` of the identity
   */
  readonly id?: string | undefined;
  /**
   * Kind of the credential, its id, and its end.
   * @default { kind: the method's name }
   */
  readonly credential?: Optional<Principal['credential']> | undefined;
}

/** Person behind a credential, whom `users` finds or registers. */
export interface MethodIdentity {
  /**
   * Issuer that vouches for the subject.
   * @default the method's name
   */
  readonly issuer?: string | undefined;
  /** Subject, which with the issuer identifies the person. */
  readonly subject: string;
  /** E-mail address, which counts only if `emailVerified` is `true`. */
  readonly email?: string | undefined;
  /** Whether the address was verified; left out, it was not. */
  readonly emailVerified?: boolean | undefined;
  /** Username of the person. */
  readonly username?: string | undefined;
  /** Full name of the person. */
  readonly name?: string | undefined;
  /** Groups of the person; left out, nothing is known of groups. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Answer of `verify` in `defineMethod`: the members of a principal, with an `identity` beside them, or `{ principal,
 * identity }`. Members of the identity are copied to the principal where it does not set them. `undefined` and `null`:
 * the credential is unknown.
 */
export type MethodAnswer =
  | (MethodPrincipal & { readonly identity?: MethodIdentity | undefined; readonly principal?: never })
  | { readonly principal: MethodPrincipal; readonly identity?: MethodIdentity | undefined }
  | undefined
  | null;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isName: Check = (value) => typeof value === 'string' && value !== '';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isRecordOf =
  (is: Check): Check =>
  (value) =>
    isPlainRecord(value) && Object.values(value).every(is);
const isTime: Check = (value) => types.isDate(value) && Number.isFinite(value.getTime());
const TYPES: readonly unknown[] = ['consumer', 'user', 'client', 'api-key'] satisfies MethodPrincipal['type'][];

const CREDENTIAL: Readonly<Record<keyof Principal['credential'], Check>> = {
  id: isText,
  kind: isName,
  expiresAt: isTime,
};

const PRINCIPAL: Readonly<Record<keyof MethodPrincipal, Check>> = {
  type: (value) => TYPES.includes(value),
  id: isName,
  issuer: isName,
  subject: isName,
  username: isText,
  email: isText,
  emailVerified: isBoolean,
  name: isText,
  groups: isTexts,
  roles: isTexts,
  scopes: isTexts,
  attributes: isRecordOf(isText),
  listAttributes: isRecordOf(isTexts),
  claims: isPlainRecord,
  credential: isPlainRecord,
  consumer: isPlainRecord,
  user: () => true,
  created: isBoolean,
};

const IDENTITY: Readonly<Record<keyof MethodIdentity, Check>> = {
  issuer: isName,
  subject: isName,
  email: isText,
  emailVerified: isBoolean,
  username: isText,
  name: isText,
  groups: isTexts,
};

/** Checked members, none of which is `undefined`. */
type Sound<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/**
 * Returns the members of an object that are set, after checking each.
 * @throws {TypeError} when a member is wrong; the message names it and quotes no value.
 */
function soundMembers<T>(what: string, value: unknown, checks: Readonly<Record<keyof T & string, Check>>): Sound<T> {
  if (!isPlainRecord(value)) throw new TypeError(`${what} is not an object`);
  const known: Readonly<Record<string, Check>> = checks;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  for (const [name, member] of members) {
    if (!Object.hasOwn(known, name)) throw new TypeError(`${what} has an unknown member ${JSON.stringify(name)}`);
    if (known[name]?.(member) !== true) throw new TypeError(`${what} has a ${name} that cannot be one`);
  }
  // Cast: every member was checked by its name.
  return Object.fromEntries(members) as Sound<T>;
}

/** Copies a value at every depth, so that freezing the copy does not freeze the application's object. */
function copyOf<T>(value: T): T;
function copyOf(value: unknown): unknown {
  if (types.isDate(value)) return new Date(value.getTime());
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item));
  if (!isPlainRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]));
}

function soundIdentity(
  method: string,
  given: unknown,
): (Sound<MethodIdentity> & { readonly issuer: string; readonly subject: string }) | undefined {
  if (given === undefined) return undefined;
  const { subject, issuer = method, ...said } = soundMembers<MethodIdentity>('the identity', given, IDENTITY);
  if (subject === undefined) throw new TypeError('the identity has no subject');
  return { ...copyOf(said), issuer, subject };
}

function partsOf(answer: object): { principal: unknown; identity: unknown } {
  const { identity, ...fields }: { readonly identity?: unknown; readonly principal?: unknown } = answer;
  if (!Object.hasOwn(fields, 'principal')) return { principal: fields, identity };
  const { principal, ...others } = fields;
  if (Object.keys(others).length > 0) throw new TypeError('the answer has members beside principal and identity');
  return { principal, identity };
}

/**
 * Checks the answer of an application's own method, and makes the authenticated result.
 * @throws {InvalidTokenError} `credential_unknown` when the answer is `undefined` or `null`.
 * @throws {TypeError} when the answer has a wrong shape.
 */
export function readMethodAnswer(method: string, answer: unknown): Authenticated {
  if (answer === undefined || answer === null) {
    throw new InvalidTokenError('credential_unknown', { detail: { problem: `${method} knows no such credential` } });
  }
  if (typeof answer !== 'object') throw new TypeError('the answer is not an object');
  const parts = partsOf(answer);
  const identity = soundIdentity(method, parts.identity);
  const { user, consumer, credential, ...given } = soundMembers<MethodPrincipal>(
    'the principal',
    parts.principal,
    PRINCIPAL,
  );
  const fields = { ...identity, ...copyOf(given) };
  const { type, id = identity && `${identity.issuer}|${identity.subject}` } = fields;
  if (type === undefined) throw new TypeError('the principal has no type');
  if (id === undefined) throw new TypeError('the principal has neither an id nor an identity');
  if (identity !== undefined && type !== 'user' && type !== 'consumer') throw new TypeError(`a ${type} is no person`);
  const { kind = method, ...known } = soundMembers<Principal['credential']>(
    'the credential',
    credential ?? {},
    CREDENTIAL,
  );
  const principal = createPrincipal({
    ...fields,
    ...(user === undefined ? {} : { user }),
    ...(consumer === undefined ? {} : { consumer: copyOf(consumer) }),
    type,
    id,
    method,
    credential: copyOf({ kind, ...known }),
  });
  return { principal, identity: identity && VerifiedIdentity.of(identity.issuer, identity, principal.claims) };
}
