import { PGlite } from '@electric-sql/pglite';
import { type AuthMethod, basicGrant, oidcBearer, type UserStore } from 'sallyport';
import { postgresUsers } from 'sallyport/postgres';
import { testIssuer } from 'sallyport/testing';

/** The programs and the people that the provider knows by a secret; `alex` is the one of Kong's how-to. */
const clients = [
  { id: 'ci-pipeline', secret: 'ci-secret' },
  { id: 'gateway', secret: 'gateway-secret' },
];
const users = [
  { username: 'alex', password: 'doe', claims: { sub: 'alex-1', email: 'alex@example.com', email_verified: true } },
];

/** An identity provider of this example's own, and the people it vouches for, kept in an embedded PostgreSQL. */
export interface People {
  readonly issuer: string;
  /** Takes the provider's tokens, and, for those who have none, an id and a secret in their place. */
  readonly methods: readonly AuthMethod[];
  readonly store: UserStore;
  /** A token of somebody whom the application has never met. */
  tokenOfStranger(): Promise<string>;
}

const AUDIENCE = 'https://api.example.com';

/** Starts the provider, creates the tables, and lets unknown people register themselves. */
export async function startPeople(): Promise<People> {
  const provider = await testIssuer({ audience: AUDIENCE, clients, users });
  const issuer = provider.url;
  const store = postgresUsers({ client: await PGlite.create() });
  await store.migrate();
  const bearer = oidcBearer({
    issuer,
    audience: AUDIENCE,
    users: { store, autoRegister: true, groups: { mode: 'mirror' } },
  });
  const pairs = basicGrant({ issuer, client: { id: 'gateway', secret: 'gateway-secret' }, verify: bearer });
  return {
    issuer,
    methods: [bearer, pairs],
    store,
    tokenOfStranger: () =>
      provider.mint(
        { sub: 'alice-1', email: 'alice@example.com', email_verified: true, groups: ['readers'] },
        // As long as the other tokens that are printed.
        { lifetime: 3600 },
      ),
  };
}
