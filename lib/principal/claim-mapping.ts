import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import type { TokenClaims } from '../tokens/compact-token.js';
import { type ClaimPath, claimNameOf, compileExactClaimPath } from './claim-path.js';
import {
  fitting,
  jsonTruth,
  listOrNothing,
  named,
  scopesOrNothing,
  textualTruth,
  toText,
  UNFIT,
} from './claim-values.js';
import type { ClaimMapping, MappedClaims } from './mapped-claims.js';
import { NOTHING } from './principal.js';

type NamedReaders<T> = readonly (readonly [name: string, read: (content: TokenClaims) => T | undefined])[];

function compileNamed<T>(
  option: string,
  paths: Readonly<Record<string, ClaimPath>> = {},
  convert: (value: unknown) => T | undefined,
): NamedReaders<T> {
  if (typeof paths !== 'object' || paths === null || Array.isArray(paths)) {
    throw new ConfigurationError(option, 'expects an object of claim paths by name');
  }
  return Object.entries(paths).map(([name, path]) => {
    const read = compileExactClaimPath(`${option}.${name}`, path);
    const claim = claimNameOf(path) ?? `${option}.${name}`;
    return [name, (content: TokenClaims) => named(claim, () => convert(read(content)))] as const;
  });
}

/** Reads named values. Names become own properties, because an attribute may have any name. */
function collect<T>(readers: NamedReaders<T>, content: TokenClaims): Readonly<Record<string, T>> {
  if (readers.length === 0) return NOTHING;
  const found = readers.flatMap(([name, read]) => {
    const value = read(content);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

/** Conversions of the fields with one path each, in the order in which they are read. */
const SINGLE_FIELDS = {
  subject: toText,
  username: toText,
  email: toText,
  name: toText,
  groups: listOrNothing,
  roles: listOrNothing,
  scopes: scopesOrNothing,
  emailVerified: textualTruth,
} as const;
type SingleField = keyof typeof SINGLE_FIELDS;
const SINGLE_FIELD_NAMES = Object.keys(SINGLE_FIELDS) as readonly SingleField[];

/** Field whose default path names a claim of another shape, which then counts as absent. */
interface IgnoredClaim {
  readonly field: SingleField;
  /** Name of the claim, where the default path has one. */
  readonly claim: string | undefined;
}

/** Receives claims of a wrong shape that count as absent. */
export type OnIgnored = (ignored: IgnoredClaim) => void;

type FieldMapper = (mapped: Record<string, unknown>, content: TokenClaims, onIgnored: OnIgnored | undefined) => void;

/** Reads a field at a path that the application configured: a claim of another shape is refused by name. */
function compileMapped(option: string, field: SingleField, path: ClaimPath): FieldMapper {
  const read = compileExactClaimPath(`${option}.${field}`, path);
  const convert = SINGLE_FIELDS[field];
  const claim = claimNameOf(path) ?? `${option}.${field}`;
  return (mapped, content) => {
    const value = named(claim, () => convert(read(content)));
    if (value !== undefined) mapped[field] = value;
  };
}

/**
 * Reads a field at its default path. A claim of another shape counts as absent, except the subject, which decides who
 * the principal is.
 */
function compileDefault(option: string, field: SingleField, path: ClaimPath): FieldMapper {
  if (field === 'subject') return compileMapped(option, field, path);
  const read = compileExactClaimPath(`${option}.${field}`, path);
  const convert = field === 'emailVerified' ? jsonTruth : SINGLE_FIELDS[field];
  const claim = claimNameOf(path) ?? (field === 'scopes' ? 'scope' : undefined);
  return (mapped, content, onIgnored) => {
    const value = fitting(() => convert(read(content)));
    if (value === UNFIT) {
      onIgnored?.({ field, claim });
      // The claim is present and not `true`, so the address is not verified.
      if (field === 'emailVerified') mapped[field] = false;
    } else if (value !== undefined) mapped[field] = value;
  };
}

/**
 * Compiles a mapping, once, when a method is created. Given paths replace `defaults`. The mapper throws
 * {@link InvalidTokenError} `claim_invalid` with the claim's name, where the shape of a claim does not fit its
 * configured path.
 * @throws {ConfigurationError} when a field is unknown, or a value is no path.
 */
export function compileClaimMapping(
  option: string,
  mapping: ClaimMapping,
  defaults: ClaimMapping = {},
): (content: TokenClaims, onIgnored?: OnIgnored) => MappedClaims {
  checkOptionNames(option, mapping, [...SINGLE_FIELD_NAMES, 'attributes', 'lists']);
  const singles = SINGLE_FIELD_NAMES.flatMap((field) => {
    const [own, usual] = [mapping[field], defaults[field]];
    if (own !== undefined) return [compileMapped(option, field, own)];
    return usual === undefined ? [] : [compileDefault(option, field, usual)];
  });
  const { attributes: single = defaults.attributes, lists: several = defaults.lists } = mapping;
  const attributes = compileNamed(`${option}.attributes`, single, toText);
  const lists = compileNamed(`${option}.lists`, several, listOrNothing);
  return (content, onIgnored) => {
    const mapped: MappedClaims & Record<string, unknown> = {
      attributes: collect(attributes, content),
      listAttributes: collect(lists, content),
    };
    for (const mapSingle of singles) mapSingle(mapped, content, onIgnored);
    return mapped;
  };
}

/** Most bytes of a list item, with a text of its own where one text was split. */
const ITEM_BYTES = 48;

/** Estimates the memory in bytes of the lists that were made from claims. */
export function mappedBytes({ groups, roles, scopes, listAttributes }: MappedClaims): number {
  let items = (groups?.length ?? 0) + (roles?.length ?? 0) + (scopes?.length ?? 0);
  if (listAttributes !== NOTHING) for (const list of Object.values(listAttributes)) items += list.length;
  return items * ITEM_BYTES;
}
