import type { IncomingMessage } from 'node:http';
import type { Consumer } from '../../consumers/consumer.js';
import type { Announce } from '../../middlewares/authenticator.js';
import type { Door } from '../../middlewares/door-options.js';
import { createPrincipal, type PrincipalFields } from '../../principal/principal.js';
import { findPrincipal } from '../../principal/request-principal.js';

/** What a principal takes from a consumer's record. */
export function consumerFields({
  id,
  username,
  groups,
  roles,
}: Consumer): Pick<PrincipalFields, 'id' | 'groups' | 'roles'> {
  return { id, ...(username === undefined ? {} : { username }), groups, roles };
}

/** Kong's OR mode, where an `anonymous` consumer is configured: that is who everybody else is, a bad credential or none. */
export function withAnonymous(door: Door, anonymous: Consumer | undefined, announce: Announce): Door {
  if (anonymous === undefined) return door;
  const principal = createPrincipal({
    ...consumerFields(anonymous),
    type: 'anonymous',
    method: door.name,
    credential: { kind: 'none' },
    consumer: anonymous,
  });
  return { ...door, anonymous: { principal, coverFailures: true, announce } };
}

/** Kong passes every OPTIONS request, and in OR mode every request that somebody has authenticated before. */
export function passesAsKong(
  runOnPreflight: boolean,
  anonymous: Consumer | undefined,
): (req: IncomingMessage) => boolean {
  return (req) => {
    if (!runOnPreflight && req.method === 'OPTIONS') return true;
    const before = anonymous && findPrincipal(req);
    return before !== undefined && before.type !== 'anonymous';
  };
}
