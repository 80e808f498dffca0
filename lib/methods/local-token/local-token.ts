import { InvalidTokenError } from '../../errors/auth-error.js';
import type { RefusalStyle } from '../../errors/responder.js';
import { unknownIssuer, unknownKey, wrongAlgorithm } from '../../errors/token-refusals.js';
import { reportRefusal } from '../../events/request-events.js';
import { assertImplements, assertNonEmptyString, assertNotUndefined, assertSeconds } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf, namesWithout } from '../../options/option-names.js';
import { type Authenticator, extendMethod } from '../../pipeline/auth-method.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import { resolveTokenPolicy, type TokenPolicy } from '../../pipeline/token-policy.js';
import { PresentedToken } from '../../tokens/presented-token.js';
import { isPlainRecord } from '../../tokens/strict-json.js';
import { assertAudience, assertClaims, isForAudience } from '../../verification/claim-rules.js';
import { assertTokenChecks } from '../../verification/token-checks.js';
import { assertSignature } from '../../verification/verify-with-source.js';
import { assertLocalType, localPrincipal } from './local-claims.js';
import { issueLocal, type LocalIssuer, YEAR } from './local-issue.js';
import { type LocalKeyOptions, resolveLocalKeys } from './local-keys.js';
import type { LocalTokenMethod, LoginRouterOptions, Router } from './local-token-method.js';
import { loginRouter } from './login-router.js';
import { assertNotWithdrawn, type LocalRead, memoryRevocations, type RevocationList } from './revocation-list.js';
import {
  assertSameOrigin,
  besideCookie,
  isAmbient,
  resolveSessionCookie,
  type SessionCookie,
  type SessionCookieOptions,
} from './session-cookie.js';
import { readOrigin, SessionUsers } from './token-origin.js';

/** Options of {@link localToken}. */
export interface LocalTokenOptions extends Omit<TokenOptions, 'claims' | 'roleBindings' | 'requiredClaims'> {
  /** Keys of the application: the first signs, all verify. */
  keys: readonly LocalKeyOptions[];
  /** Issuer of the tokens: the claim `iss`, which names this application. */
  issuer: string;
  /**
   * Audience of the tokens.
   * @default the issuer
   */
  audience?: string | undefined;
  /**
   * Lifetime of a token in seconds where `issue` gets none, 1 to 31536000.
   * @default 3600
   */
  ttl?: number | undefined;
  /**
   * Cookie that tokens are also accepted from, with a same-origin check on unsafe methods; `true` means its defaults.
   * @default undefined, tokens are accepted from `tokenFrom` only
   */
  cookie?: true | SessionCookieOptions | undefined;
  /**
   * List of revoked tokens. One with `check`, such as `memoryRevocations()`, is also asked about the sign-in behind a
   * token, so that a back-channel logout ends it.
   * @default memoryRevocations()
   */
  revocations?: RevocationList | undefined;
}

/** Resolved {@link LocalTokenOptions}. */
interface LocalTokenConfig extends TokenPolicy, LocalIssuer {
  readonly settings: MethodSettings;
  readonly cookie: SessionCookie | undefined;
  readonly revocations: RevocationList;
  /** Users that are asked about the person behind a token. */
  readonly sessionUsers: SessionUsers;
}

const OPTION_NAMES = namesOf<LocalTokenOptions>()(
  { keys: true, issuer: true, audience: true, ttl: true, cookie: true, revocations: true },
  namesWithout(TOKEN_OPTION_NAMES, 'claims', 'roleBindings', 'requiredClaims'),
);

const REQUIRED_CLAIMS = ['exp', 'iat', 'sub', 'jti'];

function resolveLocalToken(options: LocalTokenOptions): LocalTokenConfig {
  checkOptionNames('localToken', options, OPTION_NAMES);
  assertNotUndefined('localToken', options, ['keys', 'issuer', 'audience']);
  const { issuer, audience = issuer, ttl = 3600, revocations = memoryRevocations() } = options;
  assertNonEmptyString('localToken.issuer', issuer);
  assertNonEmptyString('localToken.audience', audience);
  assertSeconds('localToken.ttl', ttl, { min: 1, max: YEAR });
  assertImplements('localToken.revocations', revocations, ['revoke', 'isRevoked']);
  const cookie = options.cookie === undefined ? undefined : resolveSessionCookie('localToken.cookie', options.cookie);
  const tokenFrom = besideCookie(options.tokenFrom, cookie);
  const policy = resolveTokenPolicy('localToken', { ...options, tokenFrom, requiredClaims: REQUIRED_CLAIMS });
  const keys = resolveLocalKeys('localToken.keys', options.keys);
  const settings = resolveMethodSettings('localToken', options);
  return {
    settings,
    sessionUsers: new SessionUsers(settings.users),
    ...policy,
    keys,
    issuer,
    audience,
    ttl,
    cookie,
    revocations,
  };
}

/** Verifies form, key, signature, claims and kind: all but revocation and the application's checks. */
function readLocal(config: LocalTokenConfig, presented: PresentedToken): LocalRead {
  const jws = presented.read();
  const { claims, header } = jws;
  if (claims.iss !== config.issuer) throw unknownIssuer(claims.iss, [config.issuer]);
  const key = config.keys.find(({ kid }) => kid === header.kid);
  if (key === undefined) throw unknownKey(header);
  if (header.alg !== key.verifying.algorithm) throw wrongAlgorithm(header.alg, [key.verifying.algorithm]);
  assertClaims(claims, config.rules);
  assertAudience(claims, [config.audience]);
  assertSignature(jws, key.verifying);
  assertLocalType(header.typ);
  const { jti = '', exp = 0 } = claims;
  const end = new Date(exp * 1000);
  const principal = localPrincipal(config.settings.name, config.issuer, claims, end, config.subjects);
  return { principal, origin: readOrigin(claims), jti, exp };
}

function localAuthenticator(config: LocalTokenConfig): Authenticator {
  const { settings, issuer, audience, checks, cookie } = config;
  return {
    name: settings.name,
    sources: config.sources,
    stripCredential: config.stripCredential,
    listeners: settings.listeners,
    scope: { issuers: new Set([issuer]), audiences: [audience] },
    claims({ content: { claims } }) {
      if (claims.iss !== issuer) return 'no';
      return isForAudience(claims, [audience]) ? 'mine' : 'maybe';
    },
    signsInThrough: (method, users) => config.sessionUsers.add(method, users),
    async verify(presented, req) {
      const read = readLocal(config, presented);
      if (isAmbient(presented.sources, cookie)) assertSameOrigin(req);
      await assertNotWithdrawn(config, read, presented, req);
      const { header, claims } = presented.read();
      await assertTokenChecks(checks, { token: presented.token, header, claims, req });
      return config.sessionUsers.confirm({ principal: read.principal, identity: undefined }, read.origin, req);
    },
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

async function revokeLocal(config: LocalTokenConfig, given: unknown): Promise<boolean> {
  const token = isPlainRecord(given) ? given.token : given;
  if (typeof token !== 'string') return false;
  try {
    const { jti, exp } = readLocal(config, new PresentedToken({ token, sources: [] }));
    await config.revocations.revoke(jti, exp + config.rules.clockTolerance);
    return true;
  } catch (thrown) {
    if (InvalidTokenError.is(thrown)) return false;
    throw thrown;
  }
}

/**
 * Creates an auth method for tokens that the application issues itself, beside those of its identity providers, such as
 * Conduktor's local tokens and the tokens of a Consul login.
 *
 * ```ts
 * const local = localToken({ keys: [{ kid: '1', algorithm: 'HS256', secret }], issuer: 'https://app.example.com' });
 * app.use(local.loginRouter({ methods: [oidc] }));
 * app.use(jwtAuth({ methods: [oidc, local] }));
 * ```
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function localToken(options: LocalTokenOptions): LocalTokenMethod {
  const config = resolveLocalToken(options);
  const method = asSingleMethod(config.settings, localAuthenticator(config));
  const { settings } = config;
  const { realm, respond, exposeReason } = settings;
  const style: RefusalStyle = {
    realm,
    respond,
    exposeReason,
    report: (error, req) => reportRefusal(settings, error, req),
  };
  const issue: LocalTokenMethod['issue'] = (principal, given = {}) => issueLocal(config, principal, given);
  const revoke: LocalTokenMethod['revoke'] = (token) => revokeLocal(config, token);
  const local: LocalTokenMethod = extendMethod(method, {
    issue,
    revoke,
    cookie: config.cookie,
    loginRouter: (routes: LoginRouterOptions): Router => loginRouter(local, routes, style, config.issuer),
  });
  return local;
}
