import { ConfigurationError } from '../errors/configuration-error.js';
import type { Respond } from '../errors/responder.js';
import type { OnEvent } from '../events/auth-event.js';
import { assertBoolean, assertFunction, assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { UserDirectory } from '../users/user-directory.js';
import type { UsersOption } from '../users/users-options.js';
import type { Announce } from './authenticator.js';

/** Who a request without a credential is. */
export interface AnonymousOptions {
  /** Becomes the principal's `username` and `id`. */
  username: string;
  /** Groups of anonymous requests. Default none. */
  groups?: readonly string[];
  /** Whether a bad credential counts as none (Kong's OR mode). An outage never does. Default false. */
  coverFailures?: boolean;
}

/** What `jwtAuth` and every single method have in common: how they meet a request. */
export interface MethodOptions {
  /** Names the method in `principal.method` and in events. Default: the factory's name. */
  name?: string;
  /** The protection space in challenges (RFC 9110 section 11.5). Default `api`. */
  realm?: string;
  /** `false`: a request without a credential passes, without a principal. A bad credential is refused all the same. Default true. */
  credentialsRequired?: boolean;
  /** Gives requests without a credential a principal of type `anonymous`. */
  anonymous?: AnonymousOptions;
  /** `true`: CORS preflights pass unauthenticated; other OPTIONS requests do not. Default false. */
  skipPreflight?: boolean;
  /** `'next'` hands refusals to the application's error handler, a function answers them. Default: RFC 9457 problem+json. */
  respond?: Respond;
  /** Puts the precise code of a bad token into the answer. Default false: every bad token looks the same. */
  exposeReason?: boolean;
  /** Told of every decision, with the precise code. */
  onEvent?: OnEvent;
  /**
   * Finds or registers the application's user for a verified person: a callback, or a store with a policy. Default:
   * none, and persons are known by `issuer|subject`.
   */
  users?: UsersOption;
}

/** The former name of {@link MethodOptions}. @deprecated */
export type DoorOptions = MethodOptions;

export const METHOD_OPTION_NAMES = [
  'name',
  'realm',
  'credentialsRequired',
  'anonymous',
  'skipPreflight',
  'respond',
  'exposeReason',
  'onEvent',
  'users',
] as const;

/** Whom a request without a credential becomes, and which bad credentials count as none. */
interface Anonymous {
  readonly principal: Principal;
  /** Refusals up to this status are covered; 0: none. An outage never is. */
  readonly coversUpTo: 0 | 401 | 403;
  readonly announce?: Announce;
}

/** Resolved {@link MethodOptions}. */
export interface MethodSettings {
  readonly name: string;
  readonly realm: string;
  readonly credentialsRequired: boolean;
  readonly anonymous: Anonymous | undefined;
  readonly skipPreflight: boolean;
  readonly respond: Respond | undefined;
  readonly exposeReason: boolean;
  readonly listeners: readonly OnEvent[];
  readonly users: UserDirectory | undefined;
}

function resolveAnonymous(factory: string, { name = factory, anonymous }: MethodOptions): Anonymous | undefined {
  if (anonymous === undefined) return undefined;
  const option = `${factory}.anonymous`;
  checkOptionNames(option, anonymous, ['username', 'groups', 'coverFailures']);
  const { username, groups = [], coverFailures = false } = anonymous;
  assertNonEmptyString(`${option}.username`, username);
  assertStrings(`${option}.groups`, groups);
  assertBoolean(`${option}.coverFailures`, coverFailures);
  const identity = { type: 'anonymous', id: username, username, groups: [...groups] } as const;
  const principal = createPrincipal({ ...identity, method: name, credential: { kind: 'none' } });
  return { principal, coversUpTo: coverFailures ? 401 : 0 };
}

/** Checks the common options. @throws ConfigurationError */
export function resolveMethodSettings(factory: string, options: MethodOptions): MethodSettings {
  const {
    name = factory,
    realm = 'api',
    credentialsRequired = true,
    skipPreflight = false,
    exposeReason = false,
    respond,
    onEvent,
  } = options;
  assertNonEmptyString(`${factory}.name`, name);
  assertNonEmptyString(`${factory}.realm`, realm);
  for (const [option, value] of Object.entries({ credentialsRequired, skipPreflight, exposeReason }))
    assertBoolean(`${factory}.${option}`, value);
  if (respond !== undefined && respond !== 'next') {
    if (typeof respond !== 'function')
      throw new ConfigurationError(`${factory}.respond`, 'expects "next" or a function (error, req, res)');
  }
  if (onEvent !== undefined) assertFunction(`${factory}.onEvent`, onEvent);
  const anonymous = resolveAnonymous(factory, options);
  if (anonymous !== undefined && options.credentialsRequired === true) {
    throw new ConfigurationError(`${factory}.anonymous`, 'contradicts credentialsRequired: true; leave that one out');
  }
  const listeners = onEvent === undefined ? [] : [onEvent];
  const users = options.users === undefined ? undefined : new UserDirectory(`${factory}.users`, options.users);
  return { name, realm, credentialsRequired, anonymous, skipPreflight, respond, exposeReason, listeners, users };
}
