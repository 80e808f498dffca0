import { ConfigurationError } from '../../errors/configuration-error.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
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
import { WAF_OPTION_NAMES, type WafTokenOptions, wafMethod } from './waf-method.js';

/** What a preset takes beside what differs per customer: any option of `wafToken`, which then wins. */
export type PresetExtras = Partial<WafTokenOptions>;

interface Product<Options> {
  readonly facts: (options: Options) => PresetFacts;
  readonly own: readonly (keyof Options)[];
}

/** Keeps the options' type beside the names that the compiler holds it to. */
function product<Options>(facts: (options: Options) => PresetFacts, own: readonly (keyof Options)[]): Product<Options> {
  return { facts, own };
}

const PRODUCTS = {
  googleIap: product<GoogleIapOptions>(googleIap, ['audience']),
  awsAlb: product<AwsAlbOptions>(awsAlb, ['albArn', 'clientId', 'issuer']),
  awsVerifiedAccess: product<AwsVerifiedAccessOptions>(awsVerifiedAccess, ['instanceArn', 'issuer']),
  cloudflareAccess: product<CloudflareAccessOptions>(cloudflareAccess, ['team', 'audience']),
  pomerium: product<PomeriumOptions>(pomerium, ['routeHost']),
  teleport: product<TeleportOptions>(teleport, ['cluster', 'proxy', 'audience']),
  azureEasyAuth: product<AzureEasyAuthOptions>(azureEasyAuth, ['tenant', 'clientId']),
  authentik: product<AuthentikOptions>(authentik, ['issuer', 'clientId', 'jwksUri']),
} as const;

/** The products that there is a preset for. */
export type WafPresetName = keyof typeof PRODUCTS;

const KEY_PLACES = ['discovery', 'jwksUri', 'publicKeys', 'keys', 'pemPerKid'] as const;

/** Where the keys are: where the application says, else where the product has them. What key ids look like stays the product's. */
function keyPlace(facts: PresetFacts, extras: PresetExtras): Pick<WafTokenOptions, 'jwksUri' | 'pemPerKid'> {
  const { jwksUri, pemPerKid } = facts;
  if (typeof extras.pemPerKid === 'string') return { pemPerKid: { ...pemPerKid, url: extras.pemPerKid } };
  if (KEY_PLACES.some((place) => extras[place] !== undefined)) return {};
  return { ...(jwksUri === undefined ? {} : { jwksUri }), ...(pemPerKid === undefined ? {} : { pemPerKid }) };
}

/** The product's facts as options. The application's win, but its claims and siblings add to the product's. */
function expand(facts: PresetFacts, extras: PresetExtras): WafTokenOptions {
  const { header, issuer, audience, algorithms, clockTolerance, maxLifetime, requiredClaims } = facts;
  const claims = { ...facts.claims, ...extras.claims };
  const { siblings: added = [] } = extras;
  const siblings = Array.isArray(added) ? [...facts.siblings, ...added] : added;
  const said = { header, issuer, audience, algorithms, clockTolerance, maxLifetime, requiredClaims, ...extras };
  const known = Object.entries({ ...said, claims, siblings, ...keyPlace(facts, extras) });
  // Checked again, as options, by wafMethod.
  return Object.fromEntries(known.filter(([, value]) => value !== undefined)) as unknown as WafTokenOptions;
}

/** What a preset's method was made with, so that `wafToken({ preset })` can make it anew with more. */
const presets = new WeakMap<object, { name: WafPresetName; options: Readonly<Record<string, unknown>> }>();

/** A product's method with everything that the application says. @throws ConfigurationError */
export function presetMethod(name: WafPresetName, options: Readonly<Record<string, unknown>>): AuthMethod {
  // Which options a product has is known by its name only; its own function checks them.
  const { facts, own } = PRODUCTS[name] as unknown as Product<Record<string, unknown>>;
  checkOptionNames(`wafPresets.${name}`, options, [...new Set([...own, ...WAF_OPTION_NAMES])]);
  const extras = Object.fromEntries(Object.entries(options).filter(([option]) => !own.includes(option)));
  const product = facts(Object.fromEntries(own.map((option) => [option, options[option]])));
  const method = wafMethod(expand(product, { name, ...extras }), product);
  presets.set(method, { name, options });
  return method;
}

function preset<Name extends WafPresetName>(name: Name) {
  type Own = Parameters<(typeof PRODUCTS)[Name]['facts']>[0];
  const make = (options: Own & Omit<PresetExtras, keyof Own>): AuthMethod =>
    presetMethod(name, options as Readonly<Record<string, unknown>>);
  presets.set(make, { name, options: {} });
  return make;
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

/** What is meant by the option `preset`. @throws ConfigurationError */
export function presetOf(given: WafPreset): { name: WafPresetName; options: Readonly<Record<string, unknown>> } {
  const known = typeof given === 'string' ? undefined : presets.get(given);
  if (known !== undefined) return known;
  if (typeof given === 'string' && Object.hasOwn(PRODUCTS, given)) return { name: given, options: {} };
  throw new ConfigurationError(
    'wafToken.preset',
    `expects one of ${Object.keys(PRODUCTS).join(', ')}, or what wafPresets makes`,
  );
}
