import type { IncomingMessage } from 'node:http';
import type { Consumer } from '../../consumers/consumer.js';
import type { Respond } from '../../errors/responder.js';
import type { Announce } from '../../pipeline/authenticator.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { createPrincipal, type PrincipalFields } from '../../principal/principal.js';
import { findPrincipal } from '../../principal/request-principal.js';
import type { MigrationOptions } from '../migration.js';

/** How a plugin meets a request, whatever it checks. */
export interface KongSettings extends MigrationOptions {
  readonly name: string;
  readonly realm?: string | undefined;
  readonly respond: Respond;
  readonly announce: Announce;
  /** Who everybody else is; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
  /** Up to which status a refusal makes somebody anonymous, in OR mode. */
  readonly coversUpTo: 401 | 403;
}

export function consumerFields({
  id,
  username,
  groups,
  roles,
}: Consumer): Pick<PrincipalFields, 'id' | 'groups' | 'roles'> {
  return { id, ...(username === undefined ? {} : { username }), groups, roles };
}

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

/** Kong passes every OPTIONS request, and in OR mode every request that somebody has authenticated before. */
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
