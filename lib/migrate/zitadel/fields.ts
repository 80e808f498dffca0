import { ConfigurationError } from '../../errors/configuration-error.js';
import { isPlainRecord } from '../../tokens/strict-json.js';

/** The settings of a JWT IdP, by ZITADEL's names. */
const SETTINGS = [
  'name',
  'issuer',
  'jwtEndpoint',
  'keysEndpoint',
  'headerName',
  'audience',
  'isLinkingAllowed',
  'isCreationAllowed',
  'isAutoCreation',
  'isAutoUpdate',
  'autoLinking',
  'autoRegister',
  'state',
  'type',
] as const;
export type Setting = (typeof SETTINGS)[number];

/** Settings of a provider, wherever in its message they stood; null and missing ones are left out. */
export type Fields = ReadonlyMap<Setting, unknown>;

/** Messages inside the message: `providerOptions` in requests, `config`, `options` and `jwt` (or `jwtConfig`) in answers. */
const NESTED = ['idp', 'config', 'jwtConfig', 'jwt', 'providerOptions', 'options'] as const;
/** Fields that ZITADEL and Terraform keep for themselves, or show on buttons. */
const MEANINGLESS = ['id', 'idpId', 'orgId', 'owner', 'details', 'stylingType', 'provider', 'dependsOn', 'lifecycle'];

/** Spelling of a name without case and underscores: protobuf takes `jwtEndpoint` and `jwt_endpoint` alike. */
const plain = (name: string) => name.toLowerCase().replaceAll('_', '');
const among = <Name extends string>(names: readonly Name[], given: string) =>
  names.find((name) => plain(name) === plain(given));

function collect(option: string, value: Record<string, unknown>, fields: Map<Setting, unknown>): void {
  for (const [given, content] of Object.entries(value)) {
    if (content === null || content === undefined || among(MEANINGLESS, given) !== undefined) continue;
    const setting = among(SETTINGS, given);
    if (setting !== undefined) {
      if (fields.has(setting) && fields.get(setting) !== content)
        throw new ConfigurationError(`${option}.${setting}`, 'is given twice, with different values');
      fields.set(setting, content);
    } else if (among(NESTED, given) !== undefined && isPlainRecord(content)) collect(option, content, fields);
    else throw new ConfigurationError(`${option}.${given}`, `unknown setting; known: ${SETTINGS.join(', ')}`);
  }
}

/** Finds the one JWT IdP inside a list or a Terraform file. */
function onlyOne(option: string, value: Record<string, unknown>): unknown {
  const { resource, result } = value;
  const found = isPlainRecord(resource) ? Object.values(resource.zitadel_org_idp_jwt ?? {}) : result;
  if (!Array.isArray(found)) return value;
  if (found.length !== 1)
    throw new ConfigurationError(option, `expects one JWT IdP, not ${found.length}: call it once for each`);
  // Terraform writes a block as an object, or as a list of one.
  return Array.isArray(found[0]) ? found[0][0] : found[0];
}

/**
 * Reads a JWT IdP in one of the forms that users have: the JSON of `AddJWTProvider` or `AddOrgJWTIDP`, an answer of
 * `GetProviderByID` and its like, or the attributes of Terraform's `zitadel_org_idp_jwt`.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readFields(option: string, value: unknown): Fields {
  const config = isPlainRecord(value) ? onlyOne(option, value) : value;
  if (!isPlainRecord(config))
    throw new ConfigurationError(option, 'expects the configuration of a JWT IdP, as an object or as text');
  const fields = new Map<Setting, unknown>();
  collect(option, config, fields);
  return fields;
}
