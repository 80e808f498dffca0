import type { KongRecord } from './kong-record.js';
import type { Warnings } from './warnings.js';

/** Kong's plugins that say who calls, and what replaces each of them here. */
const AUTHENTICATES: Readonly<Record<string, string>> = {
  ace: 'oidcBearer() verifies access tokens',
  'ai-mcp-oauth2': 'oidcBearer() with protectedResource verifies access tokens for MCP servers',
  'application-registration': 'oidcBearer() verifies access tokens',
  'basic-auth': 'Kong keeps hashes of the passwords; basicGrant() takes Basic credentials to an identity provider',
  'header-cert-auth': 'client certificates are looked at as the binding of a token only',
  'hmac-auth': 'signed requests are not verified here',
  'jwe-decrypt': 'encrypted tokens are not read here',
  'jwt-signer': 'oidcBearer() verifies access tokens, and localToken() issues tokens of its own',
  jwt: 'consumerJwt() verifies tokens of consumers',
  'key-auth': 'apiKey() takes API keys',
  'key-auth-enc': 'apiKey() takes API keys',
  'openid-connect': 'oidcBearer() verifies access tokens',
  'konnect-application-auth': 'oidcBearer() verifies access tokens, and apiKey() takes API keys',
  'ldap-auth': 'directories are not asked here',
  'ldap-auth-advanced': 'directories are not asked here',
  'mtls-auth': 'client certificates are looked at as the binding of a token only',
  oauth2: 'localToken() issues tokens, and oidcBearer() verifies those of an identity provider',
  'oauth2-introspection': 'oidcBearer() with introspection asks about opaque tokens',
  'portal-application-registration': 'oidcBearer() verifies access tokens',
  saml: 'SAML assertions are not read here',
  session: 'localToken() keeps sessions in cookies',
  'vault-auth': 'HashiCorp Vault is not asked here',
};

/** Kong's plugins that decide who may call. */
const RESTRICTS: Readonly<Record<string, string>> = {
  acl: 'use requireAnyGroup() on the routes that it guards',
  'bot-detection': 'user agents are not looked at here',
  'ip-restriction': 'addresses are not looked at here',
  opa: 'no Open Policy Agent is asked here',
  'request-termination': 'nothing is closed here',
  'standard-webhooks': 'signatures of webhooks are not verified here',
};

/** Kong's plugins about something else than who calls: traffic, logs, transformations. */
const ELSEWHERE: readonly string[] = [
  ...['acme', 'app-dynamics', 'aws-lambda', 'azure-functions', 'canary', 'confluent', 'confluent-consume'],
  ...['correlation-id', 'cors', 'datadog', 'datakit', 'degraphql', 'exit-transformer', 'file-log', 'forward-proxy'],
  ...['graphql-proxy-cache-advanced', 'graphql-rate-limiting-advanced', 'grpc-gateway', 'grpc-web', 'http-log'],
  ...['injection-protection', 'jq', 'json-threat-protection', 'kafka-consume', 'kafka-log', 'kafka-upstream'],
  ...['loggly', 'metering-and-billing', 'mocking', 'oas-validation', 'opentelemetry', 'post-function'],
  ...['pre-function', 'prometheus', 'proxy-cache', 'proxy-cache-advanced', 'rate-limiting', 'rate-limiting-advanced'],
  ...['redirect', 'request-callout', 'request-size-limiting', 'request-transformer', 'request-transformer-advanced'],
  ...['request-validator', 'response-ratelimiting', 'response-transformer', 'response-transformer-advanced'],
  ...['route-by-header', 'route-transformer-advanced', 'service-protection', 'solace-consume', 'solace-log'],
  ...['solace-upstream', 'statsd', 'statsd-advanced', 'syslog', 'tcp-log', 'tls-handshake-modifier'],
  ...['tls-metadata-headers', 'udp-log', 'upstream-oauth', 'upstream-timeout', 'websocket-size-limit'],
  ...['websocket-validator', 'xml-threat-protection', 'zipkin'],
];

/** Lua that ends a request with a refusal, or says who calls. */
const DECIDING_CODE =
  /kong\.client\.authenticate|\bauthenticated_|(?:exit|error)\s*\(\s*40[13]\b|ngx\.exit\s*\(\s*(?:40[13]|ngx\.HTTP_(?:UNAUTHORIZED|FORBIDDEN))/;
const CODE_PLUGINS = ['pre-function', 'post-function'];

/** Returns the reason why a plugin may not be left out unless the application says so; `undefined` where it may. */
function reasonAgainst(name: string, plugin: KongRecord): string | undefined {
  const [replacement, restriction] = [AUTHENTICATES, RESTRICTS].map((table) =>
    Object.hasOwn(table, name) ? table[name] : undefined,
  );
  if (replacement !== undefined)
    return `the plugin ${name} authenticates in Kong and is not carried over: ${replacement}`;
  if (restriction !== undefined)
    return `the plugin ${name} restricts access in Kong and is not carried over: ${restriction}`;
  if (CODE_PLUGINS.includes(name)) {
    const decides = DECIDING_CODE.test(JSON.stringify(plugin.value('config') ?? ''));
    return decides ? `the code of the plugin ${name} refuses requests in Kong, and is not carried over` : undefined;
  }
  if (ELSEWHERE.includes(name) || name.startsWith('ai-')) return undefined;
  const isProvider = /oidc|openid|keycloak|oauth|jwks|auth0|okta|cognito|firebase/i.test(name);
  const instead = isProvider ? ': oidcBearer() verifies the tokens of an identity provider' : '';
  return `the plugin ${name} is none of Kong's own and may authenticate or restrict; it is not carried over${instead}`;
}

/** Rules for plugins that are not carried over. */
export interface OtherPlugins {
  /** Names of plugins that the application says to leave out. */
  readonly ignored: readonly string[];
  readonly warnings: Warnings;
}

/**
 * Looks at a plugin that is not carried over: refuses it where requests could pass without it that Kong would stop,
 * unless the application said that it does so by itself; warns of it otherwise.
 * @returns whether it authenticates and was left out.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function leaveOutPlugin(plugin: KongRecord, name: string, { ignored, warnings }: OtherPlugins): boolean {
  if (plugin.flag('enabled') === false) {
    warnings.add(plugin, 'enabled', `is false, so the plugin ${name} is left out`);
    return false;
  }
  const reason = reasonAgainst(name, plugin);
  if (reason !== undefined && !ignored.includes(name)) {
    throw plugin.refusal(
      'name',
      `${reason}. With ignorePlugins: [${JSON.stringify(name)}] it is left out, for the application to replace`,
    );
  }
  warnings.add(plugin, undefined, `the plugin ${name} is not carried over`);
  return reason !== undefined && !Object.hasOwn(RESTRICTS, name);
}
