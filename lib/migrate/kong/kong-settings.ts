import type { IncomingMessage } from 'node:http';
import type { Consumer } from '../../consumers/consumer.js';
import type { Respond } from '../../errors/responder.js';
import type { Announce } from '../../pipeline/auth-method.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { createPrincipal, findPrincipal, type PrincipalFields } from '../../principal/principal.js';
import type { MigrationOptions } from '../migration.js';

/** Settings of the method of a plugin, whatever the plugin checks. */
export interface KongSettings extends MigrationOptions {
  readonly name: string;
  /**
   * Realm in challenges.
   * @default none
   */
  readonly realm?: string | undefined;
  readonly respond: Respond;
  readonly announce: Announce;
  /** The consumer that requests without a good credential become; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
  /** Greatest status of a refusal after which a request becomes anonymous, in OR mode. */
  readonly coversUpTo: 401 | 403;
}

/** Fields of a principal that a consumer gives. */
export function consumerFields({
  id,
  username,
  groups,
  roles,
}: Consumer): Pick<PrincipalFields, 'id' | 'groups' | 'roles'> {
  return { id, ...(username === undefined ? {} : { username }), groups, roles };
}

/** Resolves the settings of a method whose anonymous requests become a consumer of Kong. */
export function resolveKongSettings({
  name,
  realm,
  respond,
  announce,
  anonymous,
  coversUpTo,
  onEvent,
}: KongSettings): MethodSettings {
  const principal =
    anonymous &&
    createPrincipal({
      ...consumerFields(anonymous),
      type: 'anonymous',
      method: name,
      credential: { kind: 'none' },
      consumer: anonymous,
    });
  const told = onEvent === undefined ? {} : { onEvent };
  const settings = resolveMethodSettings('fromKong', {
    name,
    respond,
    ...(realm === undefined ? {} : { realm }),
    ...told,
  });
  return { ...settings, anonymous: principal && { principal, coversUpTo, announce } };
}

/**
 * Makes the test for requests that pass unchecked, as in Kong: every OPTIONS request where the plugin does not run on
 * them, and in OR mode every request that another plugin has authenticated.
 */
export function passesIn(
  { runOnPreflight }: { readonly runOnPreflight: boolean },
  anonymous: Consumer | undefined,
): (req: IncomingMessage) => boolean {
  return (req) => {
    if (!runOnPreflight && req.method === 'OPTIONS') return true;
    const before = anonymous && findPrincipal(req);
    return before !== undefined && before.type !== 'anonymous';
  };
}
