import { ConfigurationError } from '../../../errors/configuration-error.js';
import type { NamedIssuer } from '../../../issuers/issuer-names.js';
import { KEY_PLACES, type KeyRules } from '../../../issuers/key-options.js';
import { assertNotUndefined } from '../../../options/assertions.js';
import { checkOptionNames } from '../../../options/check-options.js';
import { namesOf, type OmitEach, type OptionName } from '../../../options/option-names.js';
import type { AuthMethod } from '../../../pipeline/auth-method.js';
import {
  type PemPerKidKeyOptions,
  WAF_DECISIONS,
  WAF_OPTION_NAMES,
  type WafKeyOptions,
  type WafTokenOptions,
  type WafTokenSettings,
} from '../waf-options.js';
import { type AuthentikOptions, authentik } from './authentik.js';
import { type AwsAlbOptions, type AwsVerifiedAccessOptions, awsAlb, awsVerifiedAccess } from './aws.js';
import { type AzureEasyAuthOptions, azureEasyAuth } from './azure-easy-auth.js';
import { type CloudflareAccessOptions, cloudflareAccess } from './cloudflare-access.js';
import { type GoogleIapOptions, googleIap } from './google-iap.js';
import { type PomeriumOptions, pomerium } from './pomerium.js';
import type { PresetFacts } from './preset.js';
import { type TeleportOptions, teleport } from './teleport.js';

/** Options of `wafToken` that a preset takes beside its own; a given one replaces the preset's value. */
export type PresetExtras = Partial<WafTokenSettings & NamedIssuer> &
  KeyRules &
  (Partial<PemPerKidKeyOptions> | Exclude<WafKeyOptions, PemPerKidKeyOptions>);

/** Own options of each preset: those that differ per customer. */
interface WafPresetOwnOptions {
  googleIap: GoogleIapOptions;
  awsAlb: AwsAlbOptions;
  awsVerifiedAccess: AwsVerifiedAccessOptions;
  cloudflareAccess: CloudflareAccessOptions;
  pomerium: PomeriumOptions;
  teleport: TeleportOptions;
  azureEasyAuth: AzureEasyAuthOptions;
  authentik: AuthentikOptions;
}

/** Name of a product with a preset. */
export type WafPresetName = keyof WafPresetOwnOptions;

/** Options of a product's preset: its own, which differ per customer, and any option of `wafToken`. */
export type WafProductOptions<Name extends WafPresetName> = WafPresetOwnOptions[Name] &
  OmitEach<PresetExtras, keyof WafPresetOwnOptions[Name]>;

interface Product<Options> {
  readonly facts: (options: Options) => PresetFacts;
  readonly own: readonly OptionName<Options>[];
}

const PRODUCTS: { readonly [Name in WafPresetName]: Product<WafPresetOwnOptions[Name]> } = {
  googleIap: { facts: googleIap, own: namesOf<GoogleIapOptions>()({ audience: true }) },
  awsAlb: { facts: awsAlb, own: namesOf<AwsAlbOptions>()({ albArn: true, clientId: true, issuer: true }) },
  awsVerifiedAccess: {
    facts: awsVerifiedAccess,
    own: namesOf<AwsVerifiedAccessOptions>()({ instanceArn: true, issuer: true }),
  },
  cloudflareAccess: {
    facts: cloudflareAccess,
    own: namesOf<CloudflareAccessOptions>()({ team: true, audience: true }),
  },
  pomerium: { facts: pomerium, own: namesOf<PomeriumOptions>()({ routeHost: true }) },
  teleport: { facts: teleport, own: namesOf<TeleportOptions>()({ cluster: true, proxy: true, audience: true }) },
  azureEasyAuth: { facts: azureEasyAuth, own: namesOf<AzureEasyAuthOptions>()({ tenant: true, clientId: true }) },
  authentik: { facts: authentik, own: namesOf<AuthentikOptions>()({ issuer: true, clientId: true, jwksUri: true }) },
};

const WAF_KEY_PLACES = [...KEY_PLACES, 'pemPerKid'] as const;

/** Returns the options for the keys: the application's, else the product's. The pattern of key ids stays. */
function keyPlace(facts: PresetFacts, extras: PresetExtras): Pick<WafTokenOptions, 'jwksUri' | 'pemPerKid'> {
  const { jwksUri, pemPerKid } = facts;
  if (typeof extras.pemPerKid === 'string') return { pemPerKid: { ...pemPerKid, url: extras.pemPerKid } };
  if (WAF_KEY_PLACES.some((place) => extras[place] !== undefined)) return {};
  return { ...(jwksUri === undefined ? {} : { jwksUri }), ...(pemPerKid === undefined ? {} : { pemPerKid }) };
}

/**
 * Converts the product's facts to options. Options of the application replace them, but its claims and siblings are
 * added to the product's.
 */
function expand(facts: PresetFacts, extras: PresetExtras): WafTokenOptions {
  const { header, issuer, audience, algorithms, clockTolerance, maxLifetime, requiredClaims } = facts;
  const claims = { ...facts.claims, ...extras.claims };
  const { siblings: added = [] } = extras;
  // With another token source, the product's header is unsigned and must be removed.
  const elsewhere = extras.tokenFrom !== undefined;
  const unsigned = elsewhere ? [...facts.siblings, header] : facts.siblings;
  const siblings = Array.isArray(added) ? [...unsigned, ...added] : added;
  const said = {
    ...(elsewhere ? {} : { header }),
    issuer,
    audience,
    algorithms,
    clockTolerance,
    maxLifetime,
    requiredClaims,
    ...extras,
  };
  const known = Object.entries({ ...said, claims, siblings, ...keyPlace(facts, extras) });
  // Cast: wafMethod checks the result as options again.
  return Object.fromEntries(known.filter(([, value]) => value !== undefined)) as unknown as WafTokenOptions;
}

/** Preset and options of a method, by which `wafToken({ preset })` makes it again with further ones. */
export interface PresetUse {
  readonly name: WafPresetName;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Where a preset, and a method that it made, keep what they were made with. */
export const PRESET_USE = Symbol.for('sallyport.waf-preset');

const usedBy = (given: object): PresetUse | undefined => (given as { readonly [PRESET_USE]?: PresetUse })[PRESET_USE];

/** A product, with everything that the application says of its own. */
export interface ResolvedPreset {
  readonly use: PresetUse;
  readonly product: PresetFacts;
  readonly options: WafTokenOptions;
}

/**
 * Resolves a product's own options and those of `wafToken` beside them.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function resolvePreset(name: WafPresetName, given: object): ResolvedPreset {
  // Cast: the name alone tells which options a product has; its own function checks them.
  const { facts, own } = PRODUCTS[name] as unknown as Product<Record<string, unknown>>;
  checkOptionNames(`wafPresets.${name}`, given, [...new Set([...own, ...WAF_OPTION_NAMES])]);
  const options: Readonly<Record<string, unknown>> = { ...given };
  assertNotUndefined(`wafPresets.${name}`, options, [...own, ...WAF_DECISIONS]);
  const extras = Object.fromEntries(Object.entries(options).filter(([option]) => !own.includes(option)));
  const product = facts(Object.fromEntries(own.map((option) => [option, options[option]])));
  return { use: { name, options }, product, options: expand(product, { name, ...extras }) };
}

/** Preset: its name, `wafPresets.x`, or the result of `wafPresets.x({ … })`. */
export type WafPreset = WafPresetName | AuthMethod | ((options: never) => AuthMethod);

/** Options of {@link wafToken} for a product: the preset, its own options, and any other option. */
export type WafPresetOptions<Preset extends WafPreset = WafPreset> = { preset: Preset } & (Preset extends WafPresetName
  ? WafProductOptions<Preset>
  : Preset extends (options: infer Options) => AuthMethod
    ? Options
    : // Options that the method was made with may be given again, for any product.
      PresetExtras & Partial<WafPresetOwnOptions[WafPresetName]>);

/**
 * Resolves the option `preset`.
 * @throws {ConfigurationError} when it is no preset.
 */
export function presetOf(given: WafPreset): PresetUse {
  const known = typeof given === 'function' ? usedBy(given) : undefined;
  if (known !== undefined) return known;
  if (typeof given === 'string' && Object.hasOwn(PRODUCTS, given)) return { name: given, options: {} };
  throw new ConfigurationError(
    'wafToken.preset',
    `expects one of ${Object.keys(PRODUCTS).join(', ')}, or what wafPresets makes`,
  );
}
