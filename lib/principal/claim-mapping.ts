import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import { checkOptionNames } from '../options/check-options.js';
import { type ClaimPath, type ClaimReader, compileExactClaimPath } from './claim-path.js';
import { toScopes, toText, toTexts } from './claim-values.js';

/** Which claim becomes which part of the principal. */
export interface ClaimMapping {
  subject?: ClaimPath;
  username?: ClaimPath;
  email?: ClaimPath;
  emailVerified?: ClaimPath;
  name?: ClaimPath;
  groups?: ClaimPath;
  roles?: ClaimPath;
  scopes?: ClaimPath;
  /** Single values, by the name they get in `principal.attributes` (Consul's `ClaimMappings`, turned around). */
  attributes?: Readonly<Record<string, ClaimPath>>;
  /** Lists, by the name they get in `principal.listAttributes` (Consul's `ListClaimMappings`, turned around). */
  lists?: Readonly<Record<string, ClaimPath>>;
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

const TEXTS = ['subject', 'username', 'email', 'name'] as const;
const LISTS = ['groups', 'roles'] as const;
const SINGLE_PATHS = [...TEXTS, ...LISTS, 'emailVerified', 'scopes'] as const;

type Readers = Partial<Record<(typeof SINGLE_PATHS)[number], ClaimReader>>;
type NamedReaders = readonly (readonly [name: string, read: ClaimReader])[];

function compileNamed(option: string, paths: Readonly<Record<string, ClaimPath>> = {}): NamedReaders {
  if (typeof paths !== 'object' || paths === null || Array.isArray(paths)) {
    throw new ConfigurationError(option, 'expects an object of claim paths by name');
  }
  return Object.entries(paths).map(([name, path]) => [name, compileExactClaimPath(`${option}.${name}`, path)] as const);
}

/** Own properties only: an attribute may be called anything. */
function collect<T>(
  readers: NamedReaders,
  claims: Readonly<JWTPayload>,
  convert: (value: unknown) => T | undefined,
): Record<string, T> {
  const found = readers.flatMap(([name, read]) => {
    const value = convert(read(claims));
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

const listOrNothing = (value: unknown) => (value === undefined || value === null ? undefined : toTexts(value));

function mapSingles(
  readers: Readers,
  claims: Readonly<JWTPayload>,
): Omit<MappedClaims, 'attributes' | 'listAttributes'> {
  const mapped: Record<string, unknown> = {};
  for (const field of TEXTS) mapped[field] = toText(readers[field]?.(claims));
  for (const field of LISTS) mapped[field] = listOrNothing(readers[field]?.(claims));
  const scopes = readers.scopes?.(claims);
  mapped.scopes = scopes === undefined || scopes === null ? undefined : toScopes(scopes);
  // Only JSON true says verified (OpenID Connect Core section 5.1); "true" and 1 say nothing.
  const verified = readers.emailVerified?.(claims);
  mapped.emailVerified = verified === undefined || verified === null ? undefined : verified === true;
  return Object.fromEntries(Object.entries(mapped).filter(([, value]) => value !== undefined));
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
): (claims: Readonly<JWTPayload>) => MappedClaims {
  checkOptionNames(option, mapping, [...SINGLE_PATHS, 'attributes', 'lists']);
  const merged = { ...defaults, ...mapping };
  const readers: Readers = {};
  for (const field of SINGLE_PATHS) {
    if (merged[field] !== undefined) readers[field] = compileExactClaimPath(`${option}.${field}`, merged[field]);
  }
  const attributes = compileNamed(`${option}.attributes`, merged.attributes);
  const lists = compileNamed(`${option}.lists`, merged.lists);
  return (claims) => ({
    ...mapSingles(readers, claims),
    attributes: collect(attributes, claims, toText),
    listAttributes: collect(lists, claims, listOrNothing),
  });
}
