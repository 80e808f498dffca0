import { fromStore } from '../errors/application-code.js';
import { asAuthError, InvalidRequestError, InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { OnEvent } from '../events/auth-event.js';
import { reportRefusal } from '../events/request-events.js';
import { type IssuerRecord, resolveIssuer } from '../issuers/issuer-record.js';
import { KEY_OPTION_NAMES, KEY_PLACES, type KeyOptions } from '../issuers/key-options.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Router } from '../methods/local-token/local-token-method.js';
import { answering } from '../methods/local-token/login-router.js';
import { readBodyText } from '../methods/local-token/request-body.js';
import { assertFunction, assertImplements, assertNotUndefined, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { AuthRequest } from '../tokens/request.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import type { Revocations } from '../verification/revocations.js';
import { type Logout, type LogoutRules, verifyLogoutToken } from './logout-token.js';
import { memoryStates, type StateStore } from './state-store.js';

/** Options of {@link backchannelLogout}, whatever the source of its keys. */
interface BackchannelLogoutSettings {
  /** The provider's issuer, exactly as its tokens have it in `iss`, or all of its names as the auth method has them. */
  issuer: string | readonly string[];
  /** Client id of this application at the provider, or several of them. */
  audience: string | readonly string[];
  /** Store of revocations. The auth methods check it with `isRevoked: revocations.check`. */
  revocations: Pick<Revocations, 'revokeSession' | 'revokeSubject'>;
  /**
   * What a logout revokes. `sid`: the session in the logout token, or all tokens of the person if it names none. `sub`:
   * all tokens of the person, for providers whose access tokens have no `sid`.
   * @default 'sid'
   */
  revokeBy?: 'sid' | 'sub' | undefined;
  /**
   * Store of used logout tokens, against replay. Several processes share one, such as `redisStates`.
   * @default a store in this process
   */
  states?: StateStore | undefined;
  /**
   * Seconds for which a logout token is accepted after its `iat`, 1 to 3600.
   * @default 300
   */
  maxAge?: number | undefined;
  /**
   * Seconds by which clocks may differ, 0 to 300.
   * @default 60
   */
  clockTolerance?: number | undefined;
  /**
   * Called with every refusal and its precise code, and with events of the keys.
   * @default undefined
   */
  onEvent?: OnEvent | undefined;
}

/** Options of {@link backchannelLogout}. */
export type BackchannelLogoutOptions = BackchannelLogoutSettings & KeyOptions;

/** Handler that {@link backchannelLogout} returns. */
export interface BackchannelLogoutHandler extends Router {
  /**
   * Loads the keys.
   * @throws {ServiceUnavailableError} when they cannot be loaded.
   */
  ready(): Promise<void>;
  /** State of the key source. */
  health(): KeySourceHealth;
  /** Stops background refreshes. */
  close(): Promise<void>;
}

/** Resolved {@link BackchannelLogoutOptions}. */
interface LogoutConfig {
  readonly record: IssuerRecord;
  readonly rules: LogoutRules;
  readonly revocations: BackchannelLogoutOptions['revocations'];
  readonly revokeBy: 'sid' | 'sub';
  readonly states: StateStore;
  readonly listeners: readonly OnEvent[];
}

const NAME = 'backchannelLogout';
const NAMES = namesOf<BackchannelLogoutOptions>()(
  {
    issuer: true,
    audience: true,
    revocations: true,
    revokeBy: true,
    states: true,
    maxAge: true,
    clockTolerance: true,
    onEvent: true,
  },
  KEY_OPTION_NAMES,
);

function resolveLogout(options: BackchannelLogoutOptions): LogoutConfig {
  checkOptionNames(NAME, options, NAMES);
  assertNotUndefined(NAME, options, ['issuer', 'audience', ...KEY_PLACES]);
  const { revocations, revokeBy = 'sid', states = memoryStates(), maxAge = 300, clockTolerance = 60 } = options;
  const { audience, issuer }: { audience?: unknown; issuer?: unknown } = options;
  if (issuer === null)
    throw new ConfigurationError(`${NAME}.issuer`, 'expects the name in iss, which every logout token has');
  if (audience === null || typeof audience === 'function')
    throw new ConfigurationError(`${NAME}.audience`, 'expects our client id; a logout is always for one client');
  assertImplements(`${NAME}.revocations`, revocations, ['revokeSession', 'revokeSubject']);
  assertImplements(`${NAME}.states`, states, ['claim']);
  if (revokeBy !== 'sid' && revokeBy !== 'sub')
    throw new ConfigurationError(`${NAME}.revokeBy`, 'expects "sid" or "sub"');
  assertSeconds(`${NAME}.maxAge`, maxAge, { min: 1, max: 3600 });
  assertSeconds(`${NAME}.clockTolerance`, clockTolerance, { min: 0, max: 300 });
  if (options.onEvent !== undefined) assertFunction(`${NAME}.onEvent`, options.onEvent);
  const listeners = options.onEvent === undefined ? [] : [options.onEvent];
  const record = resolveIssuer(NAME, options, listeners);
  return { record, rules: { maxAge, clockTolerance }, revocations, revokeBy, states, listeners };
}

/**
 * Reads the logout token of a request, from the parsed body or the body itself: some parsers leave an empty object for
 * a body that they have not read.
 */
async function logoutTokenOf(req: AuthRequest): Promise<string> {
  const parsed = isPlainRecord(req.body) && Object.hasOwn(req.body, 'logout_token');
  const found: readonly unknown[] = parsed
    ? [(req.body as Record<string, unknown>).logout_token]
    : new URLSearchParams(await readBodyText(req, 'application/x-www-form-urlencoded')).getAll('logout_token');
  const [token] = found;
  if (found.length !== 1 || typeof token !== 'string') throw new InvalidRequestError('request_malformed');
  return token;
}

/**
 * Revokes the tokens of a session or person that were issued before the logout token. Later ones belong to another
 * sign-in, even if the logout token arrives late or twice.
 */
async function revoke({ revocations, revokeBy }: LogoutConfig, { issuer, sid, subject, issuedAt }: Logout) {
  const since = new Date(Math.ceil(issuedAt * 1000));
  if (sid !== undefined && (revokeBy === 'sid' || subject === undefined)) {
    await revocations.revokeSession({ issuer, sid }, { since });
  } else if (subject !== undefined) {
    await revocations.revokeSubject({ issuer, subject }, { since });
  }
}

async function logOut(config: LogoutConfig, req: AuthRequest): Promise<void> {
  const { record, rules, states } = config;
  const logout = await verifyLogoutToken(await logoutTokenOf(req), record, rules);
  // Revokes before the token counts as used, so that a provider which gets a 503 can send it again.
  await fromStore(`${NAME}.revocations`, config.revocations, () => revoke(config, logout));
  const lives = rules.maxAge + 2 * rules.clockTolerance;
  const id = `${NAME}:${JSON.stringify([logout.issuer, logout.jti])}`;
  const isFirst = await fromStore(`${NAME}.states`, states, () => states.claim(id, lives));
  if (!isFirst) throw new InvalidTokenError('token_revoked');
}

/**
 * Creates a handler for OpenID Connect Back-Channel Logout: the provider posts a logout token when a person signs out,
 * and the handler revokes the tokens of that session or person. Mount it without authentication, with or without a body
 * parser before it. It calls `next` for all methods but POST. An invalid logout token is answered with 400, an outage
 * with 503.
 *
 * ```ts
 * app.use('/backchannel-logout', backchannelLogout({ issuer, audience: 'our-client-id', revocations }));
 * app.use(oidcBearer({ issuer, audience, isRevoked: revocations.check }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html | OpenID Connect Back-Channel Logout 1.0}
 */
export function backchannelLogout(options: BackchannelLogoutOptions): BackchannelLogoutHandler {
  const config = resolveLogout(options);
  const { keys } = config.record;
  const answer = answering(async (req, res) => {
    try {
      await logOut(config, req);
    } catch (thrown) {
      const error = asAuthError(thrown);
      reportRefusal({ name: NAME, listeners: config.listeners }, error, req);
      // Section 2.8: every invalid token is answered with 400.
      throw InvalidTokenError.is(error) ? new InvalidRequestError('request_malformed', { cause: error }) : error;
    }
    res.writeHead(200, { 'Cache-Control': 'no-store', 'Content-Length': 0 });
    res.end();
  });
  const handler: Router = (req, res, next) => (req.method === 'POST' ? answer(req, res, next) : next());
  return Object.assign(handler, {
    ready: () => keys.ready(),
    health: () => keys.health(),
    close: async () => keys.close(),
  });
}
