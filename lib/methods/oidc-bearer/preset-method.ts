import { after } from '../../clock/awaitable.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { resolveKeys } from '../../issuers/issuer-keys.js';
import type { IssuerMethod } from '../../issuers/issuer-method.js';
import { ISSUER_OPTION_NAMES, type IssuerOptions } from '../../issuers/issuer-record.js';
import type { IssuerRecords } from '../../issuers/issuer-resolver.js';
import { KEY_PLACES, type KeyOptions } from '../../issuers/key-options.js';
import { jointKeys } from '../../keys/joint-keys.js';
import { assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesWithout } from '../../options/option-names.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { readCompactToken } from '../../tokens/compact-token.js';
import type { TokenReader } from '../../tokens/presented-token.js';
import { type OidcBearerConfig, oidcAuthenticator, resolveOidcBearer } from './oidc-bearer.js';
import { OIDC_DECISIONS, OIDC_OPTION_NAMES, type OidcBearerOptions } from './oidc-bearer-options.js';
import { explaining } from './preset-hints.js';
import type { KeyPlace, OidcPresetExtras, Provider, ProviderFacts } from './provider-facts.js';

/** Removes the undefined members of a record. */
const defined = <T extends object>(record: T): Partial<T> =>
  // Cast: some entries of a record make a record with some of its members.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;

const isElsewhere = (extras: OidcPresetExtras): boolean => KEY_PLACES.some((place) => extras[place] !== undefined);

/** Options of the provider that go with its own key sources only. */
function keyOptions({ options, keyPlaces, openKeys }: ProviderFacts, extras: OidcPresetExtras): OidcPresetExtras {
  const { discovery, jwksUri, keyFormat } = options;
  const isStatic = extras.publicKeys !== undefined || extras.keys !== undefined;
  const isOpened = keyPlaces !== undefined || openKeys !== undefined;
  // One of them at most is there; the types of the options are checked again by oidcBearer.
  return {
    ...(isElsewhere(extras) || isOpened ? {} : { discovery, jwksUri }),
    ...(isStatic ? {} : { keyFormat }),
  } as OidcPresetExtras;
}

/** Merges the provider's facts and the application's options, which win; its claims add to the provider's. */
function expand(name: string, facts: ProviderFacts, extras: OidcPresetExtras): OidcBearerOptions {
  const { discovery: _discovery, jwksUri: _jwksUri, keyFormat: _format, ...others } = facts.options;
  const claims = { ...others.claims, ...extras.claims };
  // Cast: oidcBearer checks the result as options again.
  return {
    name,
    ...defined({ ...others, ...keyOptions(facts, extras) }),
    ...defined(extras),
    claims,
  } as OidcBearerOptions;
}

/** Options for several issuers of a provider: what the application says of issuers holds for each of them. */
function expandMany(
  { issuers }: ProviderFacts,
  { issuer: _issuer, ...options }: OidcBearerOptions,
  extras: OidcPresetExtras,
): OidcBearerOptions {
  if (issuers === undefined) return { issuer: _issuer, ...options } as OidcBearerOptions;
  const isOfIssuer = ([name]: [string, unknown]) => ISSUER_OPTION_NAMES.some((one) => one === name);
  const entries = Object.entries(options);
  const given = Object.fromEntries(entries.filter(isOfIssuer));
  const resolve = (iss: string) => {
    const found = issuers.get(iss);
    if (found === undefined) return undefined;
    const { jwksUri, ...own } = found;
    // Checked by oidcBearer when the issuer is first asked for.
    return { ...own, ...(isElsewhere(extras) ? {} : { jwksUri }), ...given } as IssuerOptions;
  };
  // Checked again, as options, by oidcBearer.
  return {
    ...Object.fromEntries(entries.filter((entry) => !isOfIssuer(entry))),
    issuers: resolve,
  } as OidcBearerOptions;
}

/** Chooses how keys are opened; `undefined`: as the options say. */
function opening(
  facts: ProviderFacts,
  extras: OidcPresetExtras,
  options: OidcBearerOptions,
): ProviderFacts['openKeys'] {
  if (isElsewhere(extras)) return undefined;
  const { openKeys, keyPlaces } = facts;
  const [first, ...others] = keyPlaces ?? [];
  if (first === undefined) return openKeys;
  const { ca, maxStale, cooldown, keyRequest, dangerouslyAllowHttp, keyFormat } = options;
  const remote = defined({ ca, maxStale, cooldown, keyRequest, dangerouslyAllowHttp, keyFormat });
  return (context) => {
    // A place is one of the two sources that are fetched.
    const open = (place: KeyPlace) => resolveKeys({ ...remote, ...place } as KeyOptions, context);
    return jointKeys([open(first), ...others.map(open)]);
  };
}

/**
 * Resolves options as `oidcBearer` does, with the preset's name in error messages.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
function resolveAs(preset: string, options: OidcBearerOptions, openKeys: ProviderFacts['openKeys']) {
  try {
    return resolveOidcBearer(options, openKeys);
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError) || !thrown.option.startsWith('oidcBearer')) throw thrown;
    const { option, message, cause } = thrown;
    const said = message.slice(option.length + 2);
    throw new ConfigurationError(option.replace('oidcBearer', preset), said, cause === undefined ? {} : { cause });
  }
}

/** Adds names of the issuer that stand in its document only. */
function alsoNamed(issuers: IssuerRecords, { isAlsoNamed }: ProviderFacts): IssuerRecords {
  const { only } = issuers;
  if (isAlsoNamed === undefined || only === undefined) return issuers;
  const byDocument = async (iss: string) => ((await isAlsoNamed(iss, () => only.keys.ready())) ? only : undefined);
  return {
    ...issuers,
    find: (iss) => after(issuers.find(iss), (known) => known ?? (iss === undefined ? undefined : byDocument(iss))),
  };
}

/**
 * Adds the provider's own checks of verified claims, which run before the principal is made, for tokens and for
 * introspection answers.
 */
function withChecks({ method, opaque }: OidcBearerConfig, facts: ProviderFacts): OidcBearerConfig {
  const { assertOurs, clientOf } = facts;
  const checked = (identify: IssuerMethod['identify']): IssuerMethod['identify'] =>
    assertOurs === undefined
      ? identify
      : (content, ...more) => {
          assertOurs(content.claims);
          return identify(content, ...more);
        };
  const policy = opaque && { ...opaque.policy, identify: checked(opaque.policy.identify) };
  return {
    method: {
      ...method,
      issuers: alsoNamed(method.issuers, facts),
      identify: checked(method.identify),
      ...(clientOf === undefined ? {} : { clientOf }),
    },
    opaque: opaque && policy && { ...opaque, policy },
  };
}

/** Makes the reader of tokens that are taken for another issuer's than their `iss` says; `undefined`: none is. */
function readerOf({ issuerOf }: ProviderFacts): TokenReader | undefined {
  if (issuerOf === undefined) return undefined;
  return (token) => {
    const plain = readCompactToken(token);
    const iss = issuerOf(plain.claims);
    return iss === undefined ? plain : { ...plain, claims: { ...plain.claims, iss } };
  };
}

const EXTRA_NAMES = namesWithout(OIDC_OPTION_NAMES, 'issuers', 'issuersTtl');
const EXTRA_DECISIONS = namesWithout(OIDC_DECISIONS, 'issuers');

/**
 * Makes the method of a provider with everything that the application says.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
export function presetMethod(name: string, provider: Provider<Record<string, unknown>>, given: object): AuthMethod {
  const preset = `oidcPresets.${name}`;
  checkOptionNames(preset, given, [...new Set<string>([...provider.own, ...EXTRA_NAMES])]);
  const options: Readonly<Record<string, unknown>> = { ...given };
  assertNotUndefined(preset, options, [...provider.own, ...EXTRA_DECISIONS]);
  const isOwn = ([option]: [string, unknown]) => provider.own.includes(option);
  const entries = Object.entries(options);
  const extras: OidcPresetExtras = Object.fromEntries(entries.filter((entry) => !isOwn(entry)));
  const facts = provider.facts(Object.fromEntries(entries.filter(isOwn)), extras);
  const expanded = expandMany(facts, expand(name, facts, extras), extras);
  const config = withChecks(resolveAs(preset, expanded, opening(facts, extras, expanded)), facts);
  return asSingleMethod(config.method.settings, explaining(oidcAuthenticator(config, readerOf(facts)), facts));
}
