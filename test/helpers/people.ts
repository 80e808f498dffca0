import { jest } from '@jest/globals';
import type { AuthMethod, OidcBearerOptions, UserStore, UsersOption, UsersStoreOptions } from '../../lib/index.js';
import { memoryUsers } from '../../lib/index.js';
import type { Loose } from './loose.js';
import { type Answer, accessToken, door, STRANGER_KEY, STRANGER_PEM } from './oidc-door.js';
import { bearer, getFrom, listening } from './requests.js';
import { app } from './servers.js';

/** A second identity provider, with a key of its own. */
export const OTHER_ISSUER = 'https://id.example.org';

/** Options for users in a new store, where everybody may register. */
export type Policy = Partial<UsersStoreOptions>;

export function policy(options: Policy = {}): UsersStoreOptions {
  return { store: memoryUsers(), autoRegister: true, ...options };
}

/** Application behind the first issuer's method. */
export const staffDoor = (users: UsersOption, options: Loose<OidcBearerOptions> = {}) => door({ users, ...options });

/** Method of the second issuer. */
export const otherDoor = (users: UsersOption, options: Loose<OidcBearerOptions> = {}) =>
  door({ name: 'other', issuer: OTHER_ISSUER, publicKeys: STRANGER_PEM, users, ...options });

export const otherToken = (claims: Record<string, unknown> = {}) =>
  accessToken({ iss: OTHER_ISSUER, ...claims }, { key: STRANGER_KEY });

/** Claims of a person with a verified address. */
export const verified = (email: string, claims: Record<string, unknown> = {}) => ({
  email,
  email_verified: true,
  ...claims,
});

/** Answer as a client sees it. */
export interface FullAnswer extends Answer {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

export async function ask(method: AuthMethod, token: string): Promise<FullAnswer> {
  const { status, body, headers, text } = await getFrom(app(method), { Authorization: bearer(token) });
  return { status, code: body.code, principal: body.principal, headers, text };
}

/** Presents all tokens at once to one server. */
export async function askAtOnce(method: AuthMethod, tokens: readonly string[]): Promise<Answer[]> {
  const { server, port } = await listening(app(method));
  try {
    return await Promise.all(
      tokens.map(async (token) => {
        const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: bearer(token) } });
        const { code, principal } = (await answer.json()) as Omit<Answer, 'status'>;
        return { status: answer.status, principal, ...(code === undefined ? {} : { code }) };
      }),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Store whose calls are recorded, and which can be made to fail. */
export function watched(store: UserStore = memoryUsers()) {
  return {
    find: jest.fn(store.find.bind(store)),
    provision: jest.fn(store.provision.bind(store)),
    link: jest.fn(store.link.bind(store)),
    unlink: jest.fn(store.unlink.bind(store)),
    syncProfile: jest.fn(store.syncProfile.bind(store)),
    syncGroups: jest.fn(store.syncGroups.bind(store)),
    setStatus: jest.fn(store.setStatus.bind(store)),
    ...(store.subscribe === undefined ? {} : { subscribe: jest.fn(store.subscribe.bind(store)) }),
  };
}

/** Promise, with the functions that settle it. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
