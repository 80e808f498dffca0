import { assertBoolean } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { compileClaimMapping } from '../../principal/claim-mapping.js';
import { MIGRATION_OPTION_NAMES, type Migration, type MigrationOptions } from '../migration.js';
import { readConfig } from '../read-config.js';
import { compileAudience } from './audience-rule.js';
import { compileBindingRules, type RolesOf } from './binding-rules.js';
import { claimMappingOf } from './claim-mappings.js';
import { configWarnings } from './config-warnings.js';
import { consulAuthenticator } from './consul-authenticator.js';
import { type ConsulConfig, readConsulConfig } from './consul-config.js';
import { type Envelope, readEnvelope } from './envelope.js';
import { compileTimes } from './token-times.js';
import { resolveTrust } from './trust.js';

interface Rules {
  readonly rolesOf: RolesOf;
  readonly warnings: readonly string[];
}

function resolveRules({ name, bindingRules }: Envelope, { attributes, lists }: ConsulConfig): Rules {
  if (bindingRules === undefined) {
    const warning =
      'No BindingRules were given: every token that verifies is let in, without roles; Consul would refuse.';
    return { rolesOf: () => [], warnings: [warning] };
  }
  const mapped = { value: Object.keys(attributes), list: Object.keys(lists) };
  const owner = { name, mapped };
  const { rolesOf, count, foreign, warnings } = compileBindingRules('fromConsul.BindingRules', bindingRules, owner);
  return {
    rolesOf,
    warnings: [
      ...warnings,
      ...(foreign === 0 ? [] : [`${foreign} of the BindingRules are for another auth method, and left out.`]),
      ...(count === 0 ? ['No binding rule is left of the BindingRules, so every token is refused, as in Consul.'] : []),
    ],
  };
}

/** Whether Consul fills `${value.x}` into a text by itself. */
const isInterpolated = (path: string) => /\.(?:BindName|BindVars\.Name|TokenNameFormat)$/i.test(path);

/**
 * Turns an auth method of HashiCorp Consul, of type `jwt`, with its binding rules into a method here:
 * `{ ...authMethod, BindingRules: [...] }`, parsed or as JSON or YAML text. Where Consul takes the JWT for a login, the
 * bearer token of each request is taken.
 *
 * All parameters of `Config` count as Consul has them: key sources, bound issuer and audiences, the three leeways (in
 * seconds) with the rules for missing times, claim mappings (`principal.attributes`, `principal.listAttributes`).
 * Binding rules give roles: one of type `role` its name, the others `service:NAME`, `node:NAME`, `policy:NAME` and
 * `templated-policy:NAME`. No rule that matches is 403 `insufficient_role` (Consul: Permission denied).
 *
 * On purpose not as in Consul: numbers keep all their digits; a rule over a value that is missing never matches, and
 * one over a value that no claim is mapped to is a warning; `iat` far in the future is refused with discovery too; ID
 * tokens are accepted only where an audience is bound, and other kinds of tokens never; nothing is fetched before the
 * first token or `ready()`.
 *
 * @throws {ConfigurationError} as a rejection, with Consul's own reason for what Consul refuses.
 */
export async function fromConsul(config: unknown, options: MigrationOptions = {}): Promise<Migration> {
  checkOptionNames('fromConsul', options, MIGRATION_OPTION_NAMES);
  const { dangerouslyAllowHttp = false, ...told } = options;
  assertBoolean('fromConsul.dangerouslyAllowHttp', dangerouslyAllowHttp);
  const envelope = readEnvelope('fromConsul', await readConfig('fromConsul', config, { skips: isInterpolated }));
  const { name } = envelope;
  const settings = readConsulConfig('fromConsul.Config', envelope.config);
  const methodSettings = resolveMethodSettings('fromConsul', { ...told, name });
  const remote = { dangerouslyAllowHttp, listeners: methodSettings.listeners };
  const trust = resolveTrust('fromConsul.Config', settings, remote);
  const rules = resolveRules(envelope, settings);
  const method: AuthMethod = asSingleMethod(
    methodSettings,
    consulAuthenticator({
      name,
      trust,
      boundAudiences: settings.boundAudiences,
      acceptsAudience: compileAudience(trust, settings),
      checkTimes: compileTimes(trust, settings),
      mapClaims: compileClaimMapping('fromConsul.Config', claimMappingOf(settings)),
      rolesOf: rules.rolesOf,
      listeners: methodSettings.listeners,
    }),
  );
  return { methods: [method], warnings: [...envelope.warnings, ...configWarnings(trust, settings), ...rules.warnings] };
}
