import { ConfigurationError } from '../errors/configuration-error.js';
import type { Respond } from '../errors/responder.js';
import type { OnEvent } from '../events/auth-event.js';
import { assertBoolean, assertFunction, assertNonEmptyString, assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { UserDirectory } from '../users/user-directory.js';
import type { UsersOption } from '../users/users-options.js';
import type { Announce } from './auth-method.js';

/** Options of the principal that a request without a credential gets. */
export interface AnonymousOptions {
  /** Name of the anonymous principal: its `username` and `id`. */
  username: string;
  /**
   * Groups of the anonymous principal.
   * @default []
   */
  groups?: readonly string[] | undefined;
  /**
   * Whether a bad credential counts as absent, as in Kong's OR mode. An outage never does.
   * @default false
   */
  coverFailures?: boolean | undefined;
}

/** Options that every auth method and `jwtAuth` have: how a request is met and answered. */
export interface MethodOptions {
  /**
   * Name of the method, in `principal.method` and in events.
   * @default the factory's name
   */
  name?: string | undefined;
  /**
   * Realm in challenges, which names the protection space.
   * @default 'api'
   * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.5 | RFC 9110 section 11.5}
   */
  realm?: string | undefined;
  /**
   * Whether a request without a credential is refused. `false`: it passes without a principal; a bad credential is
   * still refused.
   * @default true
   */
  credentialsRequired?: boolean | undefined;
  /**
   * Principal of type `anonymous` for requests without a credential.
   * @default undefined, they are refused
   */
  anonymous?: AnonymousOptions | undefined;
  /**
   * Whether CORS preflights pass without a credential; other OPTIONS requests do not.
   * @default false
   */
  skipPreflight?: boolean | undefined;
  /**
   * How refusals are answered: `'next'` hands them to the application's error handler, a function answers them itself.
   * @default problem+json (RFC 9457)
   */
  respond?: Respond | undefined;
  /**
   * Whether the answer tells the precise code of a bad token. `false`: every bad token has the same answer.
   * @default false
   */
  exposeReason?: boolean | undefined;
  /**
   * Function that receives an event for every decision, with the precise code.
   * @default undefined, no events
   */
  onEvent?: OnEvent | undefined;
  /**
   * Users of the application: a callback, or a store with a policy, which finds or registers the user of a verified
   * person.
   * @default undefined, persons are known by `issuer|subject`
   */
  users?: UsersOption | undefined;
}

/**
 * Former name of {@link MethodOptions}.
 *
 * @deprecated
 */
export type DoorOptions = MethodOptions;

/** Names of {@link MethodOptions}. */
export const METHOD_OPTION_NAMES = namesOf<MethodOptions>()({
  name: true,
  realm: true,
  credentialsRequired: true,
  anonymous: true,
  skipPreflight: true,
  respond: true,
  exposeReason: true,
  onEvent: true,
  users: true,
});

const ANONYMOUS_NAMES = namesOf<AnonymousOptions>()({ username: true, groups: true, coverFailures: true });

/** Resolved {@link AnonymousOptions}: the principal of a request without a credential, and which refusals it covers. */
interface Anonymous {
  readonly principal: Principal;
  /** Highest status of a refusal that counts as no credential; 0: none does. An outage never counts. */
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
  checkOptionNames(option, anonymous, ANONYMOUS_NAMES);
  const { username, groups = [], coverFailures = false } = anonymous;
  assertNonEmptyString(`${option}.username`, username);
  assertStrings(`${option}.groups`, groups);
  assertBoolean(`${option}.coverFailures`, coverFailures);
  const identity = { type: 'anonymous', id: username, username, groups: [...groups] } as const;
  const principal = createPrincipal({ ...identity, method: name, credential: { kind: 'none' } });
  return { principal, coversUpTo: coverFailures ? 401 : 0 };
}

/**
 * Resolves {@link MethodOptions}.
 * @throws {ConfigurationError} when an option is wrong or contradicts another.
 */
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
