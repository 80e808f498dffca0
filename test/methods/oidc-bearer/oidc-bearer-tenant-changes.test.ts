import { createPublicKey } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { type AuthMethod, anyOf, type IssuersAnswer, split, staticKeys } from '../../../lib/index.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import { keyServer } from '../../helpers/key-server.js';
import type { Loose } from '../../helpers/loose.js';
import { accessToken, jwkOf, PROVIDER_PEM, verdict } from '../../helpers/oidc-door.js';
import { outcome, welcomeTwice } from '../../helpers/remembering.js';
import { resolvedBy, tenant } from '../../helpers/tenants.js';

type Own = Loose<IssuersAnswer>;

const server = await keyServer(() => ({ '/keys': { keys: [jwkOf(createPublicKey(PROVIDER_PEM))] } }));
const jwksUri = `${server.origin}/keys`;

/** Seconds after which the application is asked again. */
const ANSWER_TTL = 61;

/** A method whose resolver answers anew each time, with the functions of the answer made anew as well. */
function answering(first: () => Own) {
  let next = first;
  const method = resolvedBy(() => tenant(next()));
  return { method, change: (later: () => Own) => (next = later) };
}

const claims = { permissions: ['read'], scp: 'write', realm: 'a', realms: 'b' };
const token = accessToken(claims);

/** A role binding of which JSON shows nothing. */
class Binding {
  readonly #permitted: boolean;
  constructor(permitted: boolean) {
    this.#permitted = permitted;
  }
  get role() {
    if (this.#permitted) return 'ops';
    throw new Error('nobody has it any more');
  }
}

async function scopesOf(method: AuthMethod): Promise<unknown> {
  const told = await outcome(method, token);
  return typeof told === 'string' ? told : (told as { scopes: unknown }).scopes;
}

describe('a changed answer of issuers() holds from the next question on, for cached tokens too:', () => {
  const paths = { scopes: 'permissions' };
  const options: Own = { claims: paths };
  test.each<[what: string, before: () => Own, after: () => Own, becomes: unknown]>([
    ['a mapping', () => ({ claims: { scopes: 'permissions' } }), () => ({ claims: { scopes: 'scp' } }), ['write']],
    ['a mapping that is taken away', () => ({ claims: { scopes: 'permissions' } }), () => ({}), ['write']],
    [
      'a composed path',
      () => ({ claims: { scopes: anyOf('permissions', 'realm') } }),
      () => ({ claims: { scopes: anyOf('permissions', 'realms') } }),
      ['read', 'b'],
    ],
    [
      'the separator of a composed path',
      () => ({ claims: { scopes: split('scp', 'i') } }),
      () => ({ claims: { scopes: split('scp', 't') } }),
      ['wri', 'e'],
    ],
    [
      'an object that was changed in place',
      () => options,
      () => {
        paths.scopes = 'scp';
        return options;
      },
      ['write'],
    ],
    [
      'what an instance of a class keeps private',
      () => ({ roleBindings: [new Binding(true)] }),
      () => ({ roleBindings: [new Binding(false)] }),
      'check_failed',
    ],
    ['a validator', () => ({ validators: () => true }), () => ({ validators: () => false }), 'claim_invalid'],
    ['a revocation', () => ({ isRevoked: () => false }), () => ({ isRevoked: () => true }), 'token_revoked'],
    ['a required claim', () => ({}), () => ({ requiredClaims: ['jti'] }), 'claim_missing'],
    ['clients', () => ({}), () => ({ clients: ['web'] }), 'audience_mismatch'],
    ['an audience', () => ({ audience: () => true }), () => ({ audience: () => false }), 'audience_mismatch'],
    ['a mistake', () => ({}), () => ({ maxAge: 'an hour' as never }), 'check_failed'],
  ])('%s', async (_what, before, after, becomes) => {
    const wait = fakeClock();
    const { method, change } = answering(before);
    await welcomeTwice(method, token);
    const known = await scopesOf(method);
    change(after);
    expect(await scopesOf(method)).toEqual(known);
    wait(ANSWER_TTL);
    for (let time = 0; time < 3; time += 1) expect(await scopesOf(method)).toEqual(becomes);
  });
});

describe('the keys of a tenant', () => {
  const inline = (): Own => ({
    publicKeys: undefined,
    jwksUri,
    claims: { scopes: ({ permissions }) => permissions },
    validators: ({ sub }) => sub === 'alice',
    audience: (audiences) => audiences.length > 0,
  });

  test('are not loaded again because the functions of an answer were written inline', async () => {
    const wait = fakeClock();
    const { method, change } = answering(inline);
    const before = server.asked.length;
    for (let minute = 0; minute < 4; minute += 1) {
      expect(await scopesOf(method)).toEqual(['read']);
      wait(ANSWER_TTL);
    }
    change(() => ({ ...inline(), clients: ['web'] }));
    expect(await verdict(method, token)).toBe('audience_mismatch');
    expect(server.asked.length - before).toBe(1);
    expect(method.health()).toHaveLength(1);
    change(() => ({ ...inline(), keyRequest: { headers: { 'x-env': 'test' } } }));
    wait(ANSWER_TTL);
    expect(await verdict(method, token)).toBe(200);
    expect(server.asked.length - before).toBe(2);
    await method.close();
  });

  test('are not closed where only other options of an answer change', async () => {
    const wait = fakeClock();
    const source = staticKeys({ publicKeys: PROVIDER_PEM });
    const close = jest.fn<() => void>();
    const keys = { ...sourceOf(source), close };
    const { method, change } = answering(() => ({ publicKeys: undefined, keys }));
    expect(await verdict(method, token)).toBe(200);
    change(() => ({ publicKeys: undefined, keys, clients: [], claims: {} }));
    wait(ANSWER_TTL);
    expect(await verdict(method, token)).toBe('503 check_failed');
    change(() => ({ publicKeys: undefined, keys, claims: { username: 'sub' } }));
    expect(await verdict(method, token)).toBe(200);
    expect(close).not.toHaveBeenCalled();
    await method.close();
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('hold where its options about claims are wrong: the request after the mistake needs no fetch', async () => {
    const wait = fakeClock();
    const { method, change } = answering(inline);
    const before = server.asked.length;
    expect(await verdict(method, token)).toBe(200);
    change(() => ({ ...inline(), claims: { nickname: 'sub' } as never }));
    wait(ANSWER_TTL);
    expect(await verdict(method, token)).toBe('503 check_failed');
    change(inline);
    expect(await verdict(method, token)).toBe(200);
    expect(server.asked.length - before).toBe(1);
    await method.close();
  });
});

/** The members of a key source, whose methods are its own. */
function sourceOf(keys: ReturnType<typeof staticKeys>) {
  return {
    source: keys.source,
    find: keys.find.bind(keys),
    ready: keys.ready.bind(keys),
    health: keys.health.bind(keys),
  };
}
