import { PGlite } from '@electric-sql/pglite';
import { type AuthMethod, oidcBearer, type UserStore } from 'sallyport';
import { postgresUsers } from 'sallyport/postgres';
import { testIssuer } from 'sallyport/testing';

/** An identity provider of this example's own, and the people it vouches for, kept in an embedded PostgreSQL. */
export interface People {
  readonly method: AuthMethod;
  readonly store: UserStore;
  /** A token of somebody whom the application has never met. */
  tokenOfStranger(): Promise<string>;
}

const AUDIENCE = 'https://api.example.com';

/** Starts the provider, creates the tables, and lets unknown people register themselves. */
export async function startPeople(): Promise<People> {
  const provider = await testIssuer({ audience: AUDIENCE });
  const store = postgresUsers({ client: await PGlite.create() });
  await store.migrate();
  const method = oidcBearer({
    issuer: provider.url,
    audience: AUDIENCE,
    users: { store, autoRegister: true, groups: { mode: 'mirror' } },
  });
  return {
    method,
    store,
    tokenOfStranger: () =>
      provider.mint({ sub: 'alice-1', email: 'alice@example.com', email_verified: true, groups: ['readers'] }),
  };
}
