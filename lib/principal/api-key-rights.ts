import type { validatedApiKey } from '../consumers/store-records.js';
import type { Principal } from './principal.js';

/** Returns the members of a principal that an API key decides: its owner and rights. Nothing else adds rights. */
export function apiKeyRights({
  id,
  owner,
  scopes,
  groups,
  roles,
  expiresAt,
}: ReturnType<typeof validatedApiKey>): Pick<
  Principal,
  'type' | 'id' | 'username' | 'scopes' | 'groups' | 'roles' | 'credential'
> {
  return {
    type: 'api-key',
    id,
    username: owner,
    scopes,
    groups,
    roles,
    credential: { kind: 'api-key', id, ...(expiresAt === undefined ? {} : { expiresAt }) },
  };
}
