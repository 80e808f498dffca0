import { synchronousCode } from '../../errors/application-code.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { ISSUER_OPTION_NAMES } from '../../issuers/issuer-record.js';
import { assertBoolean, assertFunction, assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import { type Authenticator, type AuthMethod, authenticatorOf } from '../../pipeline/auth-method.js';
import {
  METHOD_OPTION_NAMES,
  type MethodOptions,
  type MethodSettings,
  resolveMethodSettings,
} from '../../pipeline/method-settings.js';
import { TOKEN_OPTION_NAMES } from '../../pipeline/token-options.js';
import { resolveTokenSources } from '../../tokens/find-token.js';
import { fromBasic } from '../../tokens/from-header.js';
import type { AuthRequest } from '../../tokens/request.js';
import type { TokenFrom, TokenSource } from '../../tokens/token-source.js';
import { cameOverTls, isLocal } from '../../tokens/transport.js';
import { EXCHANGE_DECISIONS, EXCHANGE_OPTION_NAMES, type ExchangeOptions } from './exchange-options.js';
import { type Exchange, resolveExchange } from './resolve-exchange.js';

/** Options of `basicGrant` beside those of the exchange. */
interface BasicGrantSettings extends MethodOptions {
  /**
   * Auth method, an `oidcBearer()`, that verifies the granted token as if the client had sent it, with its rules,
   * claims and users.
   */
  verify: AuthMethod;
  /**
   * Whether handlers find `Authorization: Bearer <granted token>` in place of the credentials.
   * @default false
   */
  forwardToken?: boolean | undefined;
  /**
   * Whether the credentials are removed from the request before the next handler.
   * @default false
   */
  stripCredential?: boolean | undefined;
  /**
   * Token source of the base64 text of `id:secret`.
   * @default Authorization: Basic
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Function that tells whether a request came over TLS, where a proxy ends it.
   * @default TLS on the socket, or Express' `req.secure`, which follows `trust proxy`
   */
  isSecure?: ((req: AuthRequest) => boolean) | undefined;
  /**
   * Whether credentials are accepted over plain HTTP from other machines. `false`: such a request is a 400.
   * @default false
   */
  dangerouslyAllowPlainHttp?: boolean | undefined;
}

/** Options of {@link basicGrant}. */
export type BasicGrantOptions = BasicGrantSettings & ExchangeOptions;

const OPTION_NAMES: readonly string[] = namesOf<BasicGrantOptions>()(
  {
    verify: true,
    forwardToken: true,
    stripCredential: true,
    tokenFrom: true,
    isSecure: true,
    dangerouslyAllowPlainHttp: true,
  },
  METHOD_OPTION_NAMES,
  EXCHANGE_OPTION_NAMES,
);
const VERIFIERS_NAMES = [...TOKEN_OPTION_NAMES, ...ISSUER_OPTION_NAMES].filter((name) => !OPTION_NAMES.includes(name));

/** Resolved {@link BasicGrantOptions}: defaults applied, everything validated. */
export interface BasicGrantConfig {
  readonly settings: MethodSettings;
  readonly sources: readonly TokenSource[];
  readonly stripCredential: boolean;
  readonly forwardToken: boolean;
  readonly exchange: Exchange;
  readonly verify: AuthMethod;
  readonly verifier: Authenticator;
  /** Whether a request came in a way on which its credentials could not be read. */
  readonly isConfidential: (req: AuthRequest) => boolean;
}

function assertNames(options: BasicGrantOptions): void {
  checkOptionNames('basicGrant', options, [...OPTION_NAMES, ...VERIFIERS_NAMES]);
  assertNotUndefined('basicGrant', options, EXCHANGE_DECISIONS);
  const stray = VERIFIERS_NAMES.find((name) => Object.hasOwn(options, name));
  if (stray !== undefined)
    throw new ConfigurationError(`basicGrant.${stray}`, 'is an option of the method that is given as verify');
}

const NO_VERIFIER = 'is required: the method that checks the token got, for example oidcBearer({ issuer, audience })';

function resolveVerify({ verify }: BasicGrantOptions): Pick<BasicGrantConfig, 'verify' | 'verifier'> {
  const verifier = authenticatorOf('basicGrant.verify', verify, NO_VERIFIER);
  if (verifier.scope.everything === 'mine') throw new ConfigurationError('basicGrant.verify', NO_VERIFIER);
  return { verify, verifier };
}

function resolveTransport({
  isSecure,
  dangerouslyAllowPlainHttp = false,
}: BasicGrantOptions): BasicGrantConfig['isConfidential'] {
  assertBoolean('basicGrant.dangerouslyAllowPlainHttp', dangerouslyAllowPlainHttp);
  if (isSecure === undefined) return (req) => dangerouslyAllowPlainHttp || cameOverTls(req) || isLocal(req);
  assertFunction('basicGrant.isSecure', isSecure);
  if (dangerouslyAllowPlainHttp)
    throw new ConfigurationError('basicGrant.dangerouslyAllowPlainHttp', 'contradicts isSecure; leave one of them out');
  const ask = synchronousCode('basicGrant.isSecure', isSecure);
  return (req) => ask(req) === true;
}

/**
 * Resolves {@link BasicGrantOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function resolveBasicGrant(options: BasicGrantOptions): BasicGrantConfig {
  assertNames(options);
  const { stripCredential = false, forwardToken = false, tokenFrom = fromBasic() } = options;
  assertBoolean('basicGrant.stripCredential', stripCredential);
  assertBoolean('basicGrant.forwardToken', forwardToken);
  if (stripCredential && forwardToken)
    throw new ConfigurationError(
      'basicGrant.stripCredential',
      'contradicts forwardToken, which replaces the credential',
    );
  const settings = resolveMethodSettings('basicGrant', options);
  const checks = resolveVerify(options);
  return {
    settings: { ...settings, users: settings.users ?? checks.verifier.users },
    sources: resolveTokenSources('basicGrant.tokenFrom', tokenFrom),
    stripCredential,
    forwardToken,
    exchange: resolveExchange(options),
    ...checks,
    isConfidential: resolveTransport(options),
  };
}
