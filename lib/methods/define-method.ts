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
  /** Names the method in `principal.method` and in events, and the issuer of identities that name none. */
  name: string;
  /**
   * Where the credential stands: one source, several, or a function.
   * @default fromBearer()
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Says by its text alone whose a credential is that stands where other methods look, too: `mine`, and no other method
   * is asked; `maybe`, and it is this method's unless another one says `mine`; `no`. Decides nothing about whether the
   * credential is good, and looks nothing up.
   * @default every credential is `maybe` this method's
   */
  claims?: ((token: string) => Claim) | undefined;
  /**
   * Verifies a credential and says who it is; see {@link MethodAnswer}. `undefined` and `null` refuse it with
   * `credential_unknown`. An `AuthError` that is thrown is the refusal. Anything else that is thrown, and an answer of
   * the wrong shape, is a 503 `check_failed`: what cannot be decided never passes.
   */
  verify: (token: string, req: AuthRequest) => MethodAnswer | Promise<MethodAnswer>;
  /**
   * `true`: the credential that was used leaves the request before the next handler.
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
  /** Left out: every credential may be the method's. */
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

/** @throws ConfigurationError */
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
    claims: claims === undefined ? () => 'maybe' : ({ token }) => claims(token),
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

/**
 * A method of the application's own, for whatever no factory of this package reads: a session of another framework, a
 * signed URL, a partner's header. It is composed in `jwtAuth` like ours, with users, guards, events and refusals, and
 * `loginRouter`, `jwtIdp` and `basicGrant` take it as well.
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
 * Cookies come along with requests that another site makes a browser send; a method that reads one is to check where
 * an unsafe request comes from.
 *
 * @throws ConfigurationError at creation, for an option that is missing, unknown or wrong.
 */
export function defineMethod(options: MethodDefinition): AuthMethod {
  const method = resolveDefinition(options);
  return asSingleMethod(method.settings, definedAuthenticator(method));
}
