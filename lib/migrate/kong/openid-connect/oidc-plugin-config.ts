import type { KongRecord } from '../kong-record.js';
import type { Warnings } from '../warnings.js';
import { CLAIM_RULE_FIELDS, type OidcClaimRules, readClaimRules } from './oidc-claim-rules.js';
import { METHOD_FIELDS, type OidcMethods, readOidcMethods } from './oidc-grant-config.js';
import {
  type AccessTokenHeader,
  type ClaimHeader,
  HEADER_FIELDS,
  readAccessTokenHeader,
  readClaimHeaders,
} from './oidc-headers.js';
import { leaveOutFields, unwrittenHeaders } from './oidc-left-out.js';

/** Places in which an `openid-connect` plugin looks for bearer tokens. */
interface BearerPlaces {
  readonly paramTypes: readonly ('header' | 'query' | 'body' | 'cookie')[];
  readonly cookieName: string | undefined;
  readonly headerName: string | undefined;
}

/** Answers of an `openid-connect` plugin to the client, and its headers for the application. */
interface OidcAnswers {
  readonly claimHeaders: readonly ClaimHeader[];
  /** Headers, in lower case, that Kong writes and this package does not; they are removed from requests. */
  readonly unwrittenHeaders: readonly string[];
  /** Header in which the application finds the token; Kong's default is `Authorization`. */
  readonly accessTokenHeader: AccessTokenHeader | undefined;
  readonly unauthorizedMessage: string;
  readonly forbiddenMessage: string;
  /** Whether challenges name the error. */
  readonly exposesErrorCode: boolean;
}

/** The provider of an `openid-connect` plugin, and the issuers of its tokens. */
interface OidcProvider {
  /** The address of the provider, without a well-known path. Whose tokens are meant stands in its document. */
  readonly issuer: string;
  /** Address of the document, if the configuration gives it; `undefined`: the one that follows from `issuer`. */
  readonly documentUrl: string | undefined;
  readonly jwksEndpoint: string | undefined;
  readonly issuersAllowed: readonly string[] | undefined;
  /** Whether there is no document at the address, so that the address itself is the issuer. */
  readonly isPseudo: boolean;
  /** Whether addresses of other hosts than this machine may be plain http. */
  readonly dangerouslyAllowHttp: boolean;
}

/** The settings of Kong's `openid-connect` plugin that are carried over, defaults applied. */
export interface OidcPluginConfig extends OidcProvider, BearerPlaces, OidcClaimRules, OidcAnswers {
  readonly methods: OidcMethods;
  /** Seconds. Kong's default is 0. */
  readonly leeway: number;
  readonly runOnPreflight: boolean;
  readonly hideCredentials: boolean;
  /** Id or username of the consumer that requests without a good credential become. */
  readonly anonymous: string | undefined;
}

/** Parts of the configuration and of the options that a plugin's settings depend on. */
export interface OidcSurroundings {
  /** Names of the consumer groups of the configuration. */
  readonly groupNames: ReadonlySet<string>;
  readonly dangerouslyAllowHttp: boolean;
}

const CARRIED = [
  'issuer',
  'jwks_endpoint',
  'issuers_allowed',
  'using_pseudo_issuer',
  'bearer_token_param_type',
  'bearer_token_cookie_name',
  'bearer_token_header_name',
  'leeway',
  'run_on_preflight',
  'hide_credentials',
  'unauthorized_error_message',
  'forbidden_error_message',
  'expose_error_code',
  'anonymous',
  ...CLAIM_RULE_FIELDS,
  ...METHOD_FIELDS,
  ...HEADER_FIELDS,
];
/** Checks that Kong can be told to leave out. A file that does so is refused, rather than checked more strictly. */
const NEVER_OFF = ['verify_signature', 'verify_claims', 'ssl_verify', 'introspection_check_active'];

function assertChecksOn(config: KongRecord): void {
  const off = NEVER_OFF.find((name) => config.flag(name) === false);
  if (off !== undefined)
    throw config.refusal(off, 'false is not carried over: signatures, times and certificates are always checked');
}

const WELL_KNOWN = /\/\.well-known\/(openid-configuration|oauth-authorization-server)(?=\/|$)/;

/** The address of a provider out of that of its document, wherever the well-known part stands in it. */
function addressOf(issuer: string): string {
  const url = new URL(issuer);
  return `${url.origin}${url.pathname.replace(WELL_KNOWN, '')}`;
}

function readProvider(config: KongRecord, dangerouslyAllowHttp: boolean): OidcProvider {
  const issuer = config.url('issuer', dangerouslyAllowHttp);
  if (issuer === undefined) throw config.refusal('issuer', 'required field missing');
  const jwksEndpoint = config.url('jwks_endpoint', dangerouslyAllowHttp);
  const isPseudo = config.flag('using_pseudo_issuer') ?? false;
  // A pseudo issuer has no document, so that only an address of keys can say where they are.
  if (isPseudo && jwksEndpoint === undefined)
    throw config.refusal('using_pseudo_issuer', 'is carried over with jwks_endpoint only, which says where keys are');
  const isDocument = WELL_KNOWN.test(new URL(issuer).pathname);
  return {
    issuer: isDocument ? addressOf(issuer) : issuer,
    documentUrl: isDocument ? issuer : undefined,
    jwksEndpoint,
    issuersAllowed: config.texts('issuers_allowed'),
    isPseudo,
    dangerouslyAllowHttp,
  };
}

function readPlaces(config: KongRecord): BearerPlaces {
  const types = config.textsOf('bearer_token_param_type', ['header', 'query', 'body', 'cookie']);
  return {
    paramTypes: types ?? ['header', 'query', 'body'],
    cookieName: config.text('bearer_token_cookie_name'),
    headerName: config.text('bearer_token_header_name'),
  };
}

function readAnswers(config: KongRecord, warnings: Warnings): OidcAnswers {
  return {
    claimHeaders: readClaimHeaders(config, warnings),
    unwrittenHeaders: unwrittenHeaders(config, CARRIED),
    accessTokenHeader: readAccessTokenHeader(config),
    unauthorizedMessage: config.text('unauthorized_error_message') ?? 'Unauthorized',
    forbiddenMessage: config.text('forbidden_error_message') ?? 'Forbidden',
    exposesErrorCode: config.flag('expose_error_code') ?? true,
  };
}

/**
 * Reads the `config` of an `openid-connect` plugin. Every field that is not carried over is a warning, or a refusal
 * where Kong closes something by it.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function readOidcPluginConfig(
  config: KongRecord,
  { groupNames, dangerouslyAllowHttp }: OidcSurroundings,
  warnings: Warnings,
): OidcPluginConfig {
  const provider = readProvider(config, dangerouslyAllowHttp);
  assertChecksOn(config);
  leaveOutFields(config, [...CARRIED, ...NEVER_OFF], warnings);
  const rules = readClaimRules(config, groupNames);
  if (config.value('audience_required') === undefined) {
    warnings.add(config, 'audience_required', 'is not set: as in Kong, tokens for any audience are accepted');
  }
  return {
    methods: readOidcMethods(config, dangerouslyAllowHttp, warnings),
    ...provider,
    ...readPlaces(config),
    leeway: config.numberBetween('leeway', 0, 300) ?? 0,
    ...rules,
    runOnPreflight: config.flag('run_on_preflight') ?? true,
    hideCredentials: config.flag('hide_credentials') ?? true,
    ...readAnswers(config, warnings),
    anonymous: config.text('anonymous'),
  };
}
