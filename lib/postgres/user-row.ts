import type { SallyportUser } from '../users/memory-users.js';
import type { StoredUser, UserStatus } from '../users/user-store.js';
import type { Row } from './sql-client.js';

/** A row of the statement `find`. */
export type UserRow = Row & {
  id: string;
  status: UserStatus;
  username: string | null;
  name: string | null;
  email: string | null;
  unverified_email: string | null;
  created_at: Date;
  groups: string[];
};

/** A row as the store's contract wants it; columns without a value are left out. */
export function storedUser(row: UserRow): StoredUser<SallyportUser> {
  const { id, status, groups, username, name, email, unverified_email: unverifiedEmail, created_at: createdAt } = row;
  const given = Object.entries({ username, name, email, unverifiedEmail }).filter(([, value]) => value !== null);
  const user = Object.freeze({ id, ...(Object.fromEntries(given) as Partial<SallyportUser>), createdAt });
  return { id, status, user, groups, ...(email === null ? {} : { email }) };
}
