import type { InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { kindOf } from '../errors/error-detail.js';
import { invalidClaim } from '../errors/token-refusals.js';
import { checkOptionNames } from '../options/check-options.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { type ClaimPath, compileExactClaimPath } from './claim-path.js';
import { NOTHING } from './union.js';

/** The refusal of a claim that cannot become what it is mapped to. @param claim the path, as configured. */
function unfit(claim: string, value: unknown, expected: string): InvalidTokenError {
  return invalidClaim(claim, 'cannot be used as it is mapped', { expected, received: kindOf(value) });
}

/**
 * A text for one value: strings stay, booleans and numbers become strings (fractions too, which Consul cuts off), a
 * missing or null value is skipped.
 * @throws InvalidTokenError `claim_invalid` for an object or a list.
 */
function toText(value: unknown, claim: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'number':
      return String(value);
    case 'undefined':
      return undefined;
    default:
      if (value === null) return undefined;
      throw unfit(claim, value, 'a text, a number or a boolean');
  }
}

function itemText(item: unknown, claim: string): string | undefined {
  if (item === null) throw unfit(claim, item, 'a list of texts');
  return toText(item, claim);
}

/**
 * Texts for a list, as Consul's `ListClaimMappings` make them: a single value is a list of one, empty texts are
 * dropped, and a list that holds an object, a list or null is an error.
 * @throws InvalidTokenError `claim_invalid`
 */
function toTexts(value: unknown, claim: string): string[] {
  const texts = Array.isArray(value) ? value.map((item) => itemText(item, claim)) : [toText(value, claim)];
  return texts.filter((text): text is string => text !== undefined && text !== '');
}

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** Scopes: a space-separated text (RFC 8693 section 4.2, RFC 9068 section 2.2.3) or an array. */
function toScopes(value: unknown, claim: string): string[] {
  return typeof value === 'string' ? wordsOf(value) : toTexts(value, claim).flatMap(wordsOf);
}

/** Which claim becomes which part of the principal. */
export interface ClaimMapping {
  subject?: ClaimPath | undefined;
  username?: ClaimPath | undefined;
  email?: ClaimPath | undefined;
  emailVerified?: ClaimPath | undefined;
  name?: ClaimPath | undefined;
  groups?: ClaimPath | undefined;
  roles?: ClaimPath | undefined;
  scopes?: ClaimPath | undefined;
  /** Single values, by the name they get in `principal.attributes` (Consul's `ClaimMappings`, turned around). */
  attributes?: Readonly<Record<string, ClaimPath>> | undefined;
  /** Lists, by the name they get in `principal.listAttributes` (Consul's `ListClaimMappings`, turned around). */
  lists?: Readonly<Record<string, ClaimPath>> | undefined;
}

/** What the mapping found; only what was there. */
export interface MappedClaims {
  readonly subject?: string;
  readonly username?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly listAttributes: Readonly<Record<string, readonly string[]>>;
}

type NamedReaders = readonly (readonly [name: string, read: ReturnType<typeof compileExactClaimPath>, claim: string])[];

/** What a path is called in a refusal: the claim, or the option where a function reads it. */
function nameOf(path: ClaimPath, option: string): string {
  if (typeof path === 'string') return path;
  return typeof path === 'function' ? option : path.join('.');
}

function compileNamed(option: string, paths: Readonly<Record<string, ClaimPath>> = {}): NamedReaders {
  if (typeof paths !== 'object' || paths === null || Array.isArray(paths)) {
    throw new ConfigurationError(option, 'expects an object of claim paths by name');
  }
  return Object.entries(paths).map(([name, path]) => {
    const own = `${option}.${name}`;
    return [name, compileExactClaimPath(own, path), nameOf(path, own)] as const;
  });
}

/** Own properties only: an attribute may be called anything. */
function collect<T>(
  readers: NamedReaders,
  content: TokenClaims,
  convert: (value: unknown, claim: string) => T | undefined,
): Readonly<Record<string, T>> {
  if (readers.length === 0) return NOTHING;
  const found = readers.flatMap(([name, read, claim]) => {
    const value = convert(read(content), claim);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

const listOrNothing = (value: unknown, claim: string) =>
  value === undefined || value === null ? undefined : toTexts(value, claim);

const scopesOrNothing = (value: unknown, claim: string) =>
  value === undefined || value === null ? undefined : toScopes(value, claim);
// Only JSON true says verified (OpenID Connect Core section 5.1); "true" and 1 say nothing.
const truthOrNothing = (value: unknown) => (value === undefined || value === null ? undefined : value === true);

/** The fields with one path each, in the order in which they are read, and what becomes of what is found. */
const SINGLE_FIELDS = {
  subject: toText,
  username: toText,
  email: toText,
  name: toText,
  groups: listOrNothing,
  roles: listOrNothing,
  scopes: scopesOrNothing,
  emailVerified: truthOrNothing,
} as const;
type SingleField = keyof typeof SINGLE_FIELDS;
const SINGLE_FIELD_NAMES = Object.keys(SINGLE_FIELDS) as readonly SingleField[];

type FieldMapper = (mapped: Record<string, unknown>, content: TokenClaims) => void;

function compileSingle(option: string, field: SingleField, path: ClaimPath): FieldMapper {
  const read = compileExactClaimPath(`${option}.${field}`, path);
  const convert = SINGLE_FIELDS[field];
  const claim = nameOf(path, `${option}.${field}`);
  return (mapped, content) => {
    const value = convert(read(content), claim);
    if (value !== undefined) mapped[field] = value;
  };
}

/**
 * Compiles a mapping, once, at creation. Paths given win over `defaults`.
 * @throws ConfigurationError for unknown fields or what is not a path. The mapper throws InvalidTokenError
 * `claim_invalid` where an object stands in place of a value.
 */
export function compileClaimMapping(
  option: string,
  mapping: ClaimMapping,
  defaults: ClaimMapping = {},
): (content: TokenClaims) => MappedClaims {
  checkOptionNames(option, mapping, [...SINGLE_FIELD_NAMES, 'attributes', 'lists']);
  const merged = { ...defaults, ...mapping };
  const singles = SINGLE_FIELD_NAMES.flatMap((field) => {
    const path = merged[field];
    return path === undefined ? [] : [compileSingle(option, field, path)];
  });
  const attributes = compileNamed(`${option}.attributes`, merged.attributes);
  const lists = compileNamed(`${option}.lists`, merged.lists);
  return (content) => {
    const mapped: MappedClaims & Record<string, unknown> = {
      attributes: collect(attributes, content, toText),
      listAttributes: collect(lists, content, listOrNothing),
    };
    for (const mapSingle of singles) mapSingle(mapped, content);
    return mapped;
  };
}
