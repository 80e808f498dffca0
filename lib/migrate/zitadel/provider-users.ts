import { ConfigurationError } from '../../errors/configuration-error.js';
import { isPlainRecord } from '../../tokens/strict-json.js';
import type { UserStore } from '../../users/user-store.js';
import type { UsersOption, UsersStoreOptions } from '../../users/users-options.js';
import type { JwtProvider } from './jwt-provider.js';

/** The application's users: a store, with or without a policy, or a callback. */
export type ZitadelUsers = UserStore | UsersOption;

/** Translates the switches of a provider into options of `users`. */
function policyOf({ isAutoCreation, isAutoUpdate, autoLinking }: JwtProvider): Omit<UsersStoreOptions, 'store'> {
  return {
    autoRegister: isAutoCreation,
    linkByEmail: autoLinking === 'email' ? 'verified' : 'never',
    profileSync: isAutoUpdate ? 'every' : 'create-only',
  };
}

function isCallback(users: ZitadelUsers): users is Exclude<UsersOption, UsersStoreOptions> {
  return typeof users === 'function' || (isPlainRecord(users) && 'callback' in users);
}

/**
 * Makes the option `users`. The provider's switches decide, except where the application says something itself or
 * brings a callback.
 * @throws {ConfigurationError} when a setting is missing, unknown or wrong.
 */
export function providerUsers(option: string, provider: JwtProvider, users: ZitadelUsers): UsersOption {
  if (isCallback(users)) return users;
  if (typeof users !== 'object' || users === null)
    throw new ConfigurationError(option, 'expects a store, { store, ... } or a callback');
  return { ...policyOf(provider), ...('store' in users ? users : { store: users }) };
}

/** Makes the warnings about switches that mean something in ZITADEL and nothing here. */
export function switchWarnings(provider: JwtProvider, users: ZitadelUsers | undefined): string[] {
  if (users === undefined) return ['No users were given: everybody whom the WAF knows is let in, as issuer|subject.'];
  if (isCallback(users)) return ['The switches of creation and linking are left to the callback that was given.'];
  const { isLinkingAllowed, isCreationAllowed, isAutoCreation, autoLinking } = provider;
  const warnings: [boolean, string][] = [
    [
      isAutoCreation && !isCreationAllowed,
      'isAutoCreation counts although isCreationAllowed is off, as in ZITADEL: unknown people are registered.',
    ],
    [
      isCreationAllowed && !isAutoCreation,
      'isCreationAllowed without isAutoCreation: there is no form to register with here, so unknown people are refused.',
    ],
    [
      isLinkingAllowed && autoLinking === 'unspecified',
      'isLinkingAllowed without autoLinking: there is no form to link with here; linkIdentity() ties an identity to a user.',
    ],
    [
      autoLinking === 'username',
      'autoLinking by username is not carried over: nobody has verified a username. Link by e-mail, or by linkIdentity().',
    ],
    [
      isAutoCreation && autoLinking !== 'email',
      'A verified e-mail belongs to one user here: whoever comes with that of another is refused, not registered beside.',
    ],
  ];
  return warnings.flatMap(([applies, warning]) => (applies ? [warning] : []));
}
