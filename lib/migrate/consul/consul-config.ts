import { ConfigurationError } from '../../errors/configuration-error.js';
import { ALGORITHM_NAMES, type AsymmetricAlgorithm, isAsymmetric } from '../../keys/algorithms.js';
import { type Fields, readFields, readText, readTextMap, readTexts } from './fields.js';
import { readLeeway } from './leeway.js';

const FIELDS = [
  'JWTValidationPubKeys',
  'JWKSURL',
  'JWKSCACert',
  'OIDCDiscoveryURL',
  'OIDCDiscoveryCACert',
  'BoundIssuer',
  'BoundAudiences',
  'JWTSupportedAlgs',
  'ExpirationLeeway',
  'NotBeforeLeeway',
  'ClockSkewLeeway',
  'ClaimMappings',
  'ListClaimMappings',
] as const;

/** Fields of the type `oidc`, which is Consul's sign-in for browsers. */
const OIDC_ONLY = [
  'OIDCClientID',
  'OIDCClientSecret',
  'OIDCScopes',
  'OIDCACRValues',
  'AllowedRedirectURIs',
  'VerboseOIDCLogging',
] as const;

/** Algorithms that Consul's documentation names; `EdDSA` is not among them. */
const SUPPORTED = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'] as const;
const ASYMMETRIC = ALGORITHM_NAMES.filter(isAsymmetric);

/** Claim selectors by the attribute that they fill, which is the reverse of Consul's maps. */
export type Mapping = Readonly<Record<string, string>>;

/** The `Config` of an auth method of type `jwt`, checked and with defaults applied. Times are in seconds. */
export interface ConsulConfig {
  readonly publicKeys: readonly string[];
  readonly jwksUrl: string;
  readonly discoveryUrl: string;
  /** PEM certificates for the one URL that is given; empty: the system's roots. */
  readonly ca: string;
  readonly boundIssuer: string;
  readonly boundAudiences: readonly string[];
  readonly algorithms: readonly AsymmetricAlgorithm[];
  readonly expirationLeeway: number;
  readonly notBeforeLeeway: number;
  readonly clockSkewLeeway: number;
  readonly attributes: Mapping;
  readonly lists: Mapping;
  /** Names of the fields that are set. */
  readonly given: ReadonlySet<string>;
}

type ConfigFields = Fields<(typeof FIELDS)[number]>;

/** A day, in seconds. */
const MAX_LEEWAY = 86_400;
/** Seconds, as everywhere in this package: a greater tolerance hides a broken clock. */
const MAX_CLOCK_SKEW = 300;

function isSet(value: unknown): boolean {
  return value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}

function assertNotOidc(option: string, fields: Fields<(typeof OIDC_ONLY)[number]>): void {
  const name = OIDC_ONLY.find((field) => isSet(fields[field]));
  if (name !== undefined) throw new ConfigurationError(option, `'${name}' must not be set for type "jwt"`);
}

/** Checks that there is exactly one source of keys, and a CA only beside the URL that it is for. */
function assertKeyFields(option: string, fields: ConfigFields): void {
  const sources = [fields.JWTValidationPubKeys, fields.JWKSURL, fields.OIDCDiscoveryURL].filter(isSet);
  if (sources.length !== 1) {
    throw new ConfigurationError(
      option,
      `exactly one of 'JWTValidationPubKeys', 'JWKSURL', or 'OIDCDiscoveryURL' must be set for type "jwt"`,
    );
  }
  const pairs = [
    ['JWKSCACert', 'JWKSURL'],
    ['OIDCDiscoveryCACert', 'OIDCDiscoveryURL'],
  ] as const;
  for (const [ca, url] of pairs) {
    if (isSet(fields[ca]) && !isSet(fields[url])) {
      throw new ConfigurationError(option, `'${ca}' should not be set unless '${url}' is set`);
    }
  }
}

function readAlgorithms(
  option: string,
  { JWTSupportedAlgs, OIDCDiscoveryURL }: ConfigFields,
): readonly AsymmetricAlgorithm[] {
  const names = readTexts(option, JWTSupportedAlgs);
  if (names.length === 0) return isSet(OIDCDiscoveryURL) ? SUPPORTED : ASYMMETRIC;
  const strange = names.find((name) => !SUPPORTED.some((supported) => supported === name));
  if (strange !== undefined) throw new ConfigurationError(option, `Invalid supported algorithm: ${strange}`);
  return SUPPORTED.filter((supported) => names.includes(supported));
}

function readMapping(option: string, field: 'ClaimMappings' | 'ListClaimMappings', fields: ConfigFields): Mapping {
  const mapping = new Map<string, string>();
  for (const [selector, attribute] of readTextMap(`${option}.${field}`, fields[field])) {
    if (mapping.has(attribute)) {
      throw new ConfigurationError(option, `${field} contains multiple mappings for key "${attribute}"`);
    }
    mapping.set(attribute, selector);
  }
  return Object.fromEntries(mapping);
}

/**
 * Reads the `Config` of an auth method.
 * @throws {ConfigurationError} with Consul's words.
 */
export function readConsulConfig(option: string, value: unknown): ConsulConfig {
  const fields = readFields(option, value, [...FIELDS, ...OIDC_ONLY]);
  assertNotOidc(option, fields);
  assertKeyFields(option, fields);
  const leeway = (name: 'ExpirationLeeway' | 'NotBeforeLeeway' | 'ClockSkewLeeway', unset: number, max: number) =>
    readLeeway(`${option}.${name}`, fields[name], { unset, max });
  const text = (name: (typeof FIELDS)[number]) => readText(`${option}.${name}`, fields[name]);
  return {
    publicKeys: readTexts(`${option}.JWTValidationPubKeys`, fields.JWTValidationPubKeys),
    jwksUrl: text('JWKSURL'),
    discoveryUrl: text('OIDCDiscoveryURL'),
    ca: text('JWKSCACert') || text('OIDCDiscoveryCACert'),
    boundIssuer: text('BoundIssuer'),
    boundAudiences: readTexts(`${option}.BoundAudiences`, fields.BoundAudiences),
    algorithms: readAlgorithms(`${option}.JWTSupportedAlgs`, fields),
    expirationLeeway: leeway('ExpirationLeeway', 150, MAX_LEEWAY),
    notBeforeLeeway: leeway('NotBeforeLeeway', 150, MAX_LEEWAY),
    clockSkewLeeway: leeway('ClockSkewLeeway', 60, MAX_CLOCK_SKEW),
    attributes: readMapping(option, 'ClaimMappings', fields),
    lists: readMapping(option, 'ListClaimMappings', fields),
    given: new Set(FIELDS.filter((name) => isSet(fields[name]))),
  };
}
