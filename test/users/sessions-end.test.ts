import { describe, expect, test } from '@jest/globals';
import {
  type AuthMethod,
  jwtAuth,
  localToken,
  memoryRevocations,
  memoryUsers,
  type Principal,
  type UserStore,
} from '../../lib/index.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { ask, policy, staffDoor } from '../helpers/people.js';

const KEYS = [{ kid: '1', algorithm: 'HS256', secret: 'x'.repeat(48) }] as const;

/** A person who signed in at a method, and the session that was issued to them. */
async function signedIn(store: UserStore, claims: Record<string, unknown> = {}) {
  const provider = staffDoor(policy({ store }));
  const local = localToken({ keys: KEYS, issuer: 'app' });
  const method = jwtAuth({ methods: [provider, local] });
  const { principal } = await present(method, accessToken({ sid: 's-1', ...claims }));
  const session = await local.issue({ ...(principal as unknown as Principal), credential: { kind: 'jwt' } });
  return { method, local, principal, session: session.token };
}

const codeOf = async (method: AuthMethod, token: string) => {
  const { status, code } = await ask(method, token);
  return code ?? status;
};

describe('a session ends with the person:', () => {
  test('who is disabled is out, and in again when enabled', async () => {
    const store = memoryUsers();
    const { method, principal, session } = await signedIn(store);
    expect(await codeOf(method, session)).toBe(200);
    await store.setStatus(principal.id, 'disabled');
    expect(await codeOf(method, session)).toBe('user_disabled');
    await store.setStatus(principal.id, 'active');
    expect(await codeOf(method, session)).toBe(200);
  });

  test('who was unlinked from the identity that they signed in with is out', async () => {
    const store = memoryUsers();
    const { method, principal, session } = await signedIn(store);
    await store.unlink(principal.id, { tenant: '', issuer: ISSUER, subject: 'alice' });
    expect(await codeOf(method, session)).toBe('user_not_registered');
  });

  test('a session for a session has the same end', async () => {
    const store = memoryUsers();
    const { method, local, principal, session } = await signedIn(store);
    const again = (await ask(method, session)).principal as unknown as Principal;
    const second = await local.issue({ ...again, credential: { kind: 'local' } });
    await store.setStatus(principal.id, 'disabled');
    expect(await codeOf(method, second.token)).toBe('user_disabled');
  });

  test('users of the sessions themselves may be a callback', async () => {
    let known = true;
    const users = { callback: ({ subject }: { subject: string }) => (known ? { id: subject } : null), cache: false };
    const local = localToken({ keys: KEYS, issuer: 'app', users });
    const { token } = await local.issue({ type: 'user', id: 'alice' });
    expect(await codeOf(local, token)).toBe(200);
    known = false;
    expect(await codeOf(local, token)).toBe('user_not_registered');
  });

  test.each(['isRevoked', 'revocations'] as const)('a withdrawal at the provider counts, by %s', async (option) => {
    const revocations = memoryRevocations();
    const value = option === 'isRevoked' ? revocations.check : revocations;
    const local = localToken({ keys: KEYS, issuer: 'app', [option]: value });
    const principal = await staffDoor(policy()).authenticate({
      headers: { authorization: `Bearer ${accessToken({ sid: 's-1' })}` },
    } as never);
    const { token } = await local.issue(principal as Principal);
    expect(await codeOf(local, token)).toBe(200);
    await revocations.revokeSession({ issuer: ISSUER, sid: 's-2' });
    expect(await codeOf(local, token)).toBe(200);
    await revocations.revokeSession({ issuer: ISSUER, sid: 's-1' });
    expect(await codeOf(local, token)).toBe('invalid_token');
  });
});
