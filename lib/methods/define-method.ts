import { after } from '../clock/awaitable.js';
import { applicationCode, synchronousCode } from '../errors/application-code.js';
import { assertBoolean, assertFunction, assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import type { Authenticator, AuthMethod, Claim } from '../pipeline/auth-method.js';
import {
  METHOD_OPTION_NAMES,
  type MethodOptions,
  type MethodSettings,
  resolveMethodSettings,
} from '../pipeline/method-settings.js';
import { asSingleMethod } from '../pipeline/single-method.js';
import { type MethodAnswer, readMethodAnswer } from '../principal/method-answer.js';
import { resolveTokenSources } from '../tokens/find-token.js';
import { fromBearer } from '../tokens/from-header.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenFrom, TokenSource } from '../tokens/token-source.js';

/** Options of {@link defineMethod}. */
export interface MethodDefinition extends Omit<MethodOptions, 'name'> {
  /** Name of the method, in `principal.method` and in events; also the issuer of identities that name none. */
  name: string;
  /**
   * Token source, or several, or a function that returns the credential.
   * @default fromBearer()
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Function that tells, by its text alone, whether a credential belongs to this method, where other methods read the
   * same place. `mine`: no other method is asked. `maybe`: it is this method's unless another one answers `mine`. `no`:
   * it is not. The function does not decide whether the credential is valid, and looks nothing up.
   * @default every credential is `maybe` this method's
   */
  claims?: ((token: string) => Claim) | undefined;
  /**
   * Function that verifies a credential and returns whose it is; see {@link MethodAnswer}. `undefined` and `null`
   * refuse it with `credential_unknown`; a thrown `AuthError` refuses it with that error. Any other exception, and an
   * answer of a wrong shape, is a 503 `check_failed`.
   */
  verify: (token: string, req: AuthRequest) => MethodAnswer | Promise<MethodAnswer>;
  /**
   * Whether the credential is removed from the request before the next handler.
   * @default false
   */
  stripCredential?: boolean | undefined;
}

const OPTION_NAMES = namesOf<MethodDefinition>()(
  { name: true, tokenFrom: true, claims: true, verify: true, stripCredential: true },
  METHOD_OPTION_NAMES.filter((name) => name !== 'name'),
);

/** Resolved {@link MethodDefinition}. */
interface DefinedMethod {
  readonly settings: MethodSettings;
  readonly sources: readonly TokenSource[];
  readonly stripCredential: boolean;
  /** `undefined`: every credential may be the method's. */
  readonly claims: ((token: string) => Claim) | undefined;
  readonly verify: Authenticator['verify'];
}

const CLAIMS: readonly unknown[] = ['mine', 'maybe', 'no'] satisfies Claim[];

function assertClaim(answer: unknown): asserts answer is Claim {
  if (!CLAIMS.includes(answer)) throw new TypeError('claims() answers neither "mine", "maybe" nor "no"');
}

function resolveClaims(name: string, claims: MethodDefinition['claims']): DefinedMethod['claims'] {
  if (claims === undefined) return undefined;
  assertFunction('defineMethod.claims', claims);
  const place = `claims of ${name}`;
  const ask = synchronousCode(place, claims);
  const checked = synchronousCode(place, (answer: unknown): Claim => {
    assertClaim(answer);
    return answer;
  });
  return (token) => checked(ask(token));
}

function resolveVerify(name: string, verify: MethodDefinition['verify']): Authenticator['verify'] {
  assertFunction('defineMethod.verify', verify);
  const ask = applicationCode(`verify of ${name}`, verify);
  const read = synchronousCode(`verify of ${name}`, (answer: unknown) => readMethodAnswer(name, answer));
  return ({ token }, req) => after(ask(token, req), read);
}

/**
 * Resolves {@link MethodDefinition}.
 * @throws {ConfigurationError} when an option is missing, unknown or wrong.
 */
function resolveDefinition(options: MethodDefinition): DefinedMethod {
  checkOptionNames('defineMethod', options, OPTION_NAMES);
  const { name, tokenFrom = fromBearer(), stripCredential = false } = options;
  assertNonEmptyString('defineMethod.name', name);
  assertBoolean('defineMethod.stripCredential', stripCredential);
  return {
    settings: resolveMethodSettings('defineMethod', options),
    sources: resolveTokenSources('defineMethod.tokenFrom', tokenFrom),
    stripCredential,
    claims: resolveClaims(name, options.claims),
    verify: resolveVerify(name, options.verify),
  };
}

function definedAuthenticator({ settings, claims, ...method }: DefinedMethod): Authenticator {
  return {
    ...method,
    name: settings.name,
    listeners: settings.listeners,
    scope: claims === undefined ? { asked: 'last', everything: 'maybe' } : {},
    // The application's function names the issuer of each identity, and may name any.
    vouching: 'many',
    givenName: settings.name,
    claims: claims === undefined ? () => 'maybe' : ({ token }) => claims(token),
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

/**
 * Creates an auth method out of functions of the application, for credentials that no factory of this package reads: a
 * session of another framework, a signed URL, a partner's header. It is composed in `jwtAuth` like any other method,
 * with users, guards, events and refusals; `loginRouter`, `jwtIdp` and `basicGrant` accept it too.
 *
 * ```ts
 * const session = defineMethod({
 *   name: 'session',
 *   tokenFrom: fromCookie('sid'),
 *   async verify(sid) {
 *     const found = await sessions.find(sid);
 *     return found && { type: 'user', identity: { subject: found.account }, groups: found.groups };
 *   },
 * });
 * app.use(jwtAuth({ methods: [session, oidcBearer({ issuer, audience })] }));
 * ```
 *
 * Browsers also send cookies with requests that another site caused, so a method that reads a cookie must check the
 * origin of unsafe requests.
 *
 * @throws {ConfigurationError} when an option is missing, unknown or wrong.
 */
export function defineMethod(options: MethodDefinition): AuthMethod {
  const method = resolveDefinition(options);
  return asSingleMethod(method.settings, definedAuthenticator(method));
}
