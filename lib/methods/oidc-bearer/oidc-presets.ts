import { settle } from '../../clock/awaitable.js';
import { type AuthError, InvalidTokenError, ServiceUnavailableError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OutageErrorCode, TokenErrorCode } from '../../errors/error-codes.js';
import type { IssuerMethod } from '../../issuers/issuer-method.js';
import { KEY_PLACES } from '../../issuers/key-options.js';
import { assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesWithout, type OmitEach, type OptionName } from '../../options/option-names.js';
import type { Authenticator, AuthMethod } from '../../pipeline/auth-method.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import { type OidcBearerConfig, oidcAuthenticator, resolveOidcBearer } from './oidc-bearer.js';
import { OIDC_DECISIONS, OIDC_OPTION_NAMES, type OidcBearerOptions } from './oidc-bearer-options.js';
import { auth0, okta } from './presets/customer-login.js';
import type { OidcPresetExtras, Provider, ProviderFacts, Refusal } from './presets/facts.js';
import { githubActions, gitlabCi } from './presets/pipelines.js';

const PROVIDERS = {
  auth0,
  okta,
  githubActions,
  gitlabCi,
} as const;

/** The providers that there is a preset for. */
export type OidcPresetName = keyof typeof PROVIDERS;

/** What differs per customer of a provider. */
type OwnOptions<Name extends OidcPresetName> = (typeof PROVIDERS)[Name] extends Provider<infer Own> ? Own : never;

/** What the preset of a provider takes: what differs per customer, and any option of `oidcBearer` for one issuer. */
export type OidcPresetOptions<Name extends OidcPresetName> = OwnOptions<Name> &
  OmitEach<OidcPresetExtras, OptionName<OwnOptions<Name>>>;

/** A record without the members that are undefined. */
const defined = <T extends object>(record: T): Partial<T> =>
  // Entries of a record make a record with some of its members.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The provider's facts as options. What the application says wins; its claims add to the provider's. */
function expand(name: string, { options }: ProviderFacts, extras: OidcPresetExtras): OidcBearerOptions {
  const { discovery, jwksUri, publicKeys, keys, ...others } = options;
  const isElsewhere = KEY_PLACES.some((place) => extras[place] !== undefined);
  const place = isElsewhere ? {} : { discovery, jwksUri, publicKeys, keys };
  const claims = { ...options.claims, ...extras.claims };
  // Checked again, as options, by oidcBearer.
  return { name, ...defined({ ...others, ...place }), ...defined(extras), claims } as OidcBearerOptions;
}

/**
 * Checks options as `oidcBearer` does, with the preset's name in what it says.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
function resolveAs(preset: string, options: OidcBearerOptions) {
  try {
    return resolveOidcBearer(options);
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError) || !thrown.option.startsWith('oidcBearer')) throw thrown;
    const { option, message, cause } = thrown;
    const said = message.slice(option.length + 2);
    throw new ConfigurationError(option.replace('oidcBearer', preset), said, cause === undefined ? {} : { cause });
  }
}

/** Holds what is verified to the provider's own marks, before it is said who it is: tokens, and answers about tokens. */
function withChecks({ method, opaque }: OidcBearerConfig, { assertOurs, clientOf }: ProviderFacts): OidcBearerConfig {
  const checked = (identify: IssuerMethod['identify']): IssuerMethod['identify'] =>
    assertOurs === undefined
      ? identify
      : (content, ...more) => {
          assertOurs(content.claims);
          return identify(content, ...more);
        };
  const policy = opaque && { ...opaque.policy, identify: checked(opaque.policy.identify) };
  return {
    method: { ...method, identify: checked(method.identify), ...(clientOf === undefined ? {} : { clientOf }) },
    opaque: opaque && policy && { ...opaque, policy },
  };
}

function refusalOf({ code, detail }: AuthError, presented: PresentedToken): Refusal {
  const refused = { code, claim: detail?.claim };
  try {
    return { ...refused, ...presented.read() };
  } catch {
    return { ...refused, claims: {}, header: {} };
  }
}

/** A refusal with what the provider's facts say of it. */
function explained(thrown: unknown, presented: PresentedToken, { hint: explain }: ProviderFacts): unknown {
  const isToken = thrown instanceof InvalidTokenError;
  if (!isToken && !(thrown instanceof ServiceUnavailableError && thrown.code === 'keys_unavailable')) return thrown;
  const hint = explain?.(refusalOf(thrown, presented));
  if (hint === undefined) return thrown;
  const { code, cause, detail } = thrown;
  const options = { detail: { ...detail, hint }, ...(cause === undefined ? {} : { cause }) };
  // The class says which codes it has.
  return isToken
    ? new InvalidTokenError(code as TokenErrorCode, options)
    : new ServiceUnavailableError(code as OutageErrorCode, options);
}

function explaining(inner: Authenticator, facts: ProviderFacts): Authenticator {
  const verify: Authenticator['verify'] = (presented, req) =>
    settle(
      () => inner.verify(presented, req),
      (authenticated) => authenticated,
      (thrown): never => {
        throw explained(thrown, presented, facts);
      },
    );
  return { ...inner, verify };
}

const EXTRA_NAMES = namesWithout(OIDC_OPTION_NAMES, 'issuers');
const EXTRA_DECISIONS = namesWithout(OIDC_DECISIONS, 'issuers');

/**
 * A provider's method with everything that the application says.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
function presetMethod<Name extends OidcPresetName>(name: Name, given: OidcPresetOptions<Name>): AuthMethod {
  const preset = `oidcPresets.${name}`;
  // Which options a provider has is known by its name only; its own function checks them.
  const provider = PROVIDERS[name] as unknown as Provider<Record<string, unknown>>;
  checkOptionNames(preset, given, [...new Set<string>([...provider.own, ...EXTRA_NAMES])]);
  const options: Readonly<Record<string, unknown>> = { ...given };
  assertNotUndefined(preset, options, [...provider.own, ...EXTRA_DECISIONS]);
  const isOwn = ([option]: [string, unknown]) => provider.own.includes(option);
  const entries = Object.entries(options);
  const extras: OidcPresetExtras = Object.fromEntries(entries.filter((entry) => !isOwn(entry)));
  const facts = provider.facts(Object.fromEntries(entries.filter(isOwn)), extras);
  const config = withChecks(resolveAs(preset, expand(name, facts, extras)), facts);
  return asSingleMethod(config.method.settings, explaining(oidcAuthenticator(config), facts));
}

/** Makes the method of one provider. */
type MakePreset<Name extends OidcPresetName> = (options: OidcPresetOptions<Name>) => AuthMethod;

const preset =
  <Name extends OidcPresetName>(name: Name): MakePreset<Name> =>
  (options) =>
    presetMethod(name, options);

/**
 * `oidcBearer` for the providers that people really use, with the provider's names for its issuer, its rule about
 * audiences, the kinds and claims of its tokens, and what tells its people from its programs. Each preset asks only for
 * what differs per customer, takes any option of {@link oidcBearer} beside it, which then wins, and returns an auth method.
 *
 * ```ts
 * app.use(oidcPresets.auth0({ domain: 'acme.eu.auth0.com', audience: 'https://api.acme.com' }));
 * ```
 */
export const oidcPresets = {
  auth0: preset('auth0'),
  okta: preset('okta'),
  githubActions: preset('githubActions'),
  gitlabCi: preset('gitlabCi'),
};
