import { ConfigurationError } from '../../errors/configuration-error.js';
import { KEY_PLACES, type KeyRules } from '../../issuers/key-options.js';
import { assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf, type OmitEach, type OptionName } from '../../options/option-names.js';
import { type AuthMethod, extendMethod } from '../../pipeline/auth-method.js';
import { type AwsAlbOptions, type AwsVerifiedAccessOptions, awsAlb, awsVerifiedAccess } from './presets/aws.js';
import { type CloudflareAccessOptions, cloudflareAccess } from './presets/cloudflare-access.js';
import { type GoogleIapOptions, googleIap } from './presets/google-iap.js';
import {
  type AuthentikOptions,
  type AzureEasyAuthOptions,
  authentik,
  azureEasyAuth,
  type PomeriumOptions,
  pomerium,
  type TeleportOptions,
  teleport,
} from './presets/others.js';
import type { PresetFacts } from './presets/preset.js';
import { wafMethod } from './waf-method.js';
import {
  type PemPerKidKeyOptions,
  WAF_DECISIONS,
  WAF_OPTION_NAMES,
  type WafKeyOptions,
  type WafTokenOptions,
  type WafTokenSettings,
} from './waf-options.js';

/** What a preset takes beside what differs per customer: any option of `wafToken`, which then wins. */
export type PresetExtras = Partial<WafTokenSettings> &
  KeyRules &
  (Partial<PemPerKidKeyOptions> | Exclude<WafKeyOptions, PemPerKidKeyOptions>);

/** What differs per customer, for each product that there is a preset for. */
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

/** The products that there is a preset for. */
export type WafPresetName = keyof WafPresetOwnOptions;

/** What the preset of a product takes: what differs per customer, and any option of `wafToken`. */
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

/** Where the keys are: where the application says, else where the product has them. What key ids look like stays the product's. */
function keyPlace(facts: PresetFacts, extras: PresetExtras): Pick<WafTokenOptions, 'jwksUri' | 'pemPerKid'> {
  const { jwksUri, pemPerKid } = facts;
  if (typeof extras.pemPerKid === 'string') return { pemPerKid: { ...pemPerKid, url: extras.pemPerKid } };
  if (WAF_KEY_PLACES.some((place) => extras[place] !== undefined)) return {};
  return { ...(jwksUri === undefined ? {} : { jwksUri }), ...(pemPerKid === undefined ? {} : { pemPerKid }) };
}

/** The product's facts as options. The application's win, but its claims and siblings add to the product's. */
function expand(facts: PresetFacts, extras: PresetExtras): WafTokenOptions {
  const { header, issuer, audience, algorithms, clockTolerance, maxLifetime, requiredClaims } = facts;
  const claims = { ...facts.claims, ...extras.claims };
  const { siblings: added = [] } = extras;
  // Read elsewhere, the product's header is one more that nobody may believe.
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
  // Checked again, as options, by wafMethod.
  return Object.fromEntries(known.filter(([, value]) => value !== undefined)) as unknown as WafTokenOptions;
}

/** What a preset's method was made with, so that `wafToken({ preset })` can make it anew with more. */
interface PresetUse {
  readonly name: WafPresetName;
  readonly options: Readonly<Record<string, unknown>>;
}

const PRESET_USE = Symbol.for('sallyport.waf-preset');

const usedBy = (given: object): PresetUse | undefined => (given as { readonly [PRESET_USE]?: PresetUse })[PRESET_USE];

/** A product's method with everything that the application says. @throws ConfigurationError */
export function presetMethod(name: WafPresetName, given: object): AuthMethod {
  // Which options a product has is known by its name only; its own function checks them.
  const { facts, own } = PRODUCTS[name] as unknown as Product<Record<string, unknown>>;
  checkOptionNames(`wafPresets.${name}`, given, [...new Set([...own, ...WAF_OPTION_NAMES])]);
  const options: Readonly<Record<string, unknown>> = { ...given };
  assertNotUndefined(`wafPresets.${name}`, options, [...own, ...WAF_DECISIONS]);
  const extras = Object.fromEntries(Object.entries(options).filter(([option]) => !own.includes(option)));
  const product = facts(Object.fromEntries(own.map((option) => [option, options[option]])));
  const use: PresetUse = { name, options };
  return extendMethod(wafMethod(expand(product, { name, ...extras }), product), { [PRESET_USE]: use });
}

/** Makes the method of one product. */
type MakePreset<Name extends WafPresetName> = (options: WafProductOptions<Name>) => AuthMethod;

function preset<Name extends WafPresetName>(name: Name): MakePreset<Name> {
  const make: MakePreset<Name> = (options) => presetMethod(name, options);
  const use: PresetUse = { name, options: {} };
  return Object.defineProperty(make, PRESET_USE, { value: use });
}

/**
 * The WAFs and identity-aware proxies that people really run. Each asks only for what differs per customer, takes any
 * option of {@link wafToken} beside it, and returns an auth method.
 *
 * ```ts
 * app.use(wafPresets.cloudflareAccess({ team: 'example', audience: '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2' }));
 * ```
 */
export const wafPresets = {
  googleIap: preset('googleIap'),
  awsAlb: preset('awsAlb'),
  awsVerifiedAccess: preset('awsVerifiedAccess'),
  cloudflareAccess: preset('cloudflareAccess'),
  pomerium: preset('pomerium'),
  teleport: preset('teleport'),
  azureEasyAuth: preset('azureEasyAuth'),
  authentik: preset('authentik'),
};

/** A preset by its name, as `wafPresets.x`, or as what `wafPresets.x({ … })` returned. */
export type WafPreset = WafPresetName | AuthMethod | ((options: never) => AuthMethod);

/** Options of {@link wafToken} for a product: the preset, what differs per customer, and any other option. */
export type WafPresetOptions<Preset extends WafPreset = WafPreset> = { preset: Preset } & (Preset extends WafPresetName
  ? WafProductOptions<Preset>
  : Preset extends (options: infer Options) => AuthMethod
    ? Options
    : // What it was made with may be said anew, whichever product it is for.
      PresetExtras & Partial<WafPresetOwnOptions[WafPresetName]>);

/** What is meant by the option `preset`. @throws ConfigurationError */
export function presetOf(given: WafPreset): PresetUse {
  const known = typeof given === 'function' ? usedBy(given) : undefined;
  if (known !== undefined) return known;
  if (typeof given === 'string' && Object.hasOwn(PRODUCTS, given)) return { name: given, options: {} };
  throw new ConfigurationError(
    'wafToken.preset',
    `expects one of ${Object.keys(PRODUCTS).join(', ')}, or what wafPresets makes`,
  );
}
