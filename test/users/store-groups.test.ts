import { describe, expect, jest, test } from '@jest/globals';
import { type ClaimMapping, type GroupSyncOptions, memoryUsers, type UserStore } from '../../lib/index.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { policy, staffDoor, watched } from '../helpers/people.js';
import { inSeconds } from '../helpers/tokens.js';

const identity = { tenant: '', issuer: ISSUER, subject: 'alice' };

/** A door that syncs like this, to people whose default group is `staff`. */
function syncing(groups: GroupSyncOptions | undefined, store: UserStore = memoryUsers(), claims: ClaimMapping = {}) {
  const users = policy({ store, defaultGroups: ['staff'], ...(groups === undefined ? {} : { groups }) });
  const method = staffDoor(users, { claims });
  /** The groups after a token, or the code of its refusal. */
  const seen = async (claims: Record<string, unknown>) => {
    const { code, principal } = await present(method, accessToken(claims));
    return code ?? [...principal.groups].sort();
  };
  return { method, seen };
}

describe('groups of a token', () => {
  test('count for nothing by default', async () => {
    const { seen } = syncing(undefined);
    expect(await seen({ groups: ['ops'] })).toEqual(['staff']);
    expect(await seen({ groups: ['ops'], jti: '2' })).toEqual(['staff']);
  });

  test('are added and stay, where they are added', async () => {
    const { seen } = syncing({ mode: 'add' });
    expect(await seen({ groups: ['ops'], iat: inSeconds(-3) })).toEqual(['ops', 'staff']);
    expect(await seen({ groups: ['dev'], iat: inSeconds(-2) })).toEqual(['dev', 'ops', 'staff']);
    expect(await seen({ groups: [], iat: inSeconds(-1) })).toEqual(['dev', 'ops', 'staff']);
  });

  test('come and go, where they are mirrored', async () => {
    const { seen } = syncing({ mode: 'mirror' });
    expect(await seen({ groups: ['ops', 'dev'], iat: inSeconds(-3) })).toEqual(['dev', 'ops', 'staff']);
    expect(await seen({ groups: ['dev', 'staff'], iat: inSeconds(-2) })).toEqual(['dev', 'staff']);
    expect(await seen({ groups: [], iat: inSeconds(-1) })).toEqual(['staff']);
  });

  test('never touch what somebody else granted', async () => {
    const store = memoryUsers();
    const { method, seen } = syncing({ mode: 'mirror' }, store);
    const { id } = (await present(method, accessToken({ groups: ['ops'], iat: inSeconds(-9) }))).principal;
    const byHand = { identity, source: 'console', groups: ['ops', 'auditors'], mode: 'add', watermark: 0 } as const;
    expect(await store.syncGroups(id, { ...byHand, watermark: inSeconds(-8) })).toEqual({
      added: ['ops', 'auditors'],
      removed: [],
    });
    expect(await seen({ groups: ['dev'], iat: inSeconds(-3) })).toEqual(['auditors', 'dev', 'ops', 'staff']);
    expect(await seen({ groups: [], iat: inSeconds(-2) })).toEqual(['auditors', 'ops', 'staff']);
  });
});

describe('names are translated:', () => {
  test.each<[what: string, options: Partial<GroupSyncOptions>, theirs: string[], ours: string[]]>([
    ['by a table, which drops the others', { map: { Admins: 'ops' } }, ['Admins', 'Users'], ['ops']],
    ['one to several', { map: { Admins: ['ops', 'dev'] } }, ['Admins'], ['dev', 'ops']],
    ['several to one', { map: { A: 'ops', B: 'ops' } }, ['A', 'B'], ['ops']],
    [
      'by a function',
      { map: (group) => (group.startsWith('x') ? undefined : group.toLowerCase()) },
      ['OPS', 'x1'],
      ['ops'],
    ],
    ['to nothing', { map: () => '' }, ['ops'], []],
    [
      'not through the prototype of the table',
      { map: { Admins: 'ops' } },
      ['constructor', '__proto__', 'toString'],
      [],
    ],
    ['with a prefix', { prefix: 'idp:' }, ['ops'], ['idp:ops']],
    ['with a prefix after mapping', { map: { A: 'ops' }, prefix: 'idp:' }, ['A', 'idp:A'], ['idp:ops']],
    ['only those that match', { filter: /^team-/ }, ['team-a', 'my-team-b'], ['team-a']],
    ['those that a function picks', { filter: (group: string) => group.length < 3 }, ['ops', 'it'], ['it']],
    ['none that a function only nearly picks', { filter: ((group: string) => group) as never }, ['ops'], []],
    ['those that match before mapping', { filter: /^A$/, map: { A: 'ops', B: 'dev' } }, ['A', 'B'], ['ops']],
  ])('%s', async (_what, options, theirs, ours) => {
    const { seen } = syncing({ mode: 'mirror', ...options });
    expect(await seen({ groups: theirs })).toEqual([...ours, 'staff'].sort());
  });

  test('a map that fails is an outage, and lets nobody in', async () => {
    const map = () => {
      throw new Error('down');
    };
    expect(await syncing({ mode: 'mirror', map }).seen({ groups: ['ops'] })).toBe('provisioning_unavailable');
  });
});

describe('a token without groups', () => {
  const before = { groups: ['ops'], iat: inSeconds(-9) };
  const without = { iat: inSeconds(-3) };

  test.each<[absent: 'keep' | 'clear' | undefined, groups: string[]]>([
    [undefined, ['ops', 'staff']],
    ['keep', ['ops', 'staff']],
    ['clear', ['staff']],
  ])('with absent: %s leaves %p', async (absent, groups) => {
    const { seen } = syncing({ mode: 'mirror', ...(absent === undefined ? {} : { absent }) });
    await seen(before);
    expect(await seen(without)).toEqual(groups);
    expect(await seen({ groups: null, iat: inSeconds(-2) })).toEqual(groups);
  });

  test('with absent: deny is refused, and registers nobody', async () => {
    const store = memoryUsers();
    const { seen } = syncing({ mode: 'mirror', absent: 'deny' }, store);
    expect(await seen(without)).toBe('registration_denied');
    expect(await store.find(identity)).toBeUndefined();
    expect(await seen({ groups: [], iat: inSeconds(-2) })).toEqual(['staff']);
    expect(await seen({ iat: inSeconds(-1) })).toBe('registration_denied');
  });

  test('of somebody who has too many for a token takes none away, absent: clear or not', async () => {
    const { seen } = syncing({ mode: 'mirror', absent: 'clear' });
    await seen(before);
    const overage = { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://g.example' } } };
    expect(await seen({ ...without, ...overage })).toEqual(['ops', 'staff']);
    expect(await seen({ ...without, hasgroups: true })).toEqual(['ops', 'staff']);
    expect(await seen({ ...without, _claim_names: { roles: 'src1' } })).toEqual(['staff']);
  });

  test.each<[what: string, groups: unknown]>([
    ['an object', { ops: true }],
    ['a list with an object', [{ name: 'ops' }]],
    ['a list with null', ['ops', null]],
    ['a name that is longer than names are', ['g'.repeat(256)]],
  ])('%s in place of groups that are mapped is 401 and changes nothing', async (_what, groups) => {
    const store = watched();
    const { seen } = syncing({ mode: 'mirror' }, store, { groups: 'groups' });
    await seen(before);
    store.syncGroups.mockClear();
    expect(await seen({ groups, iat: inSeconds(-2) })).toBe('claim_invalid');
    expect(store.syncGroups).not.toHaveBeenCalled();
    expect((await store.find(identity))?.groups?.toSorted?.() ?? []).toEqual(['ops', 'staff']);
  });
});

test('groups of another shape that nobody mapped count as absent: what is kept, cleared or denied is the policy’s', async () => {
  const before = { groups: ['ops'], iat: inSeconds(-9) };
  const unfit = { groups: [{ name: 'ops' }], iat: inSeconds(-2) };
  for (const [absent, expected] of [
    ['keep', ['ops', 'staff']],
    ['clear', ['staff']],
    ['deny', 'registration_denied'],
  ] as const) {
    const { seen } = syncing({ mode: 'mirror', absent });
    await seen(before);
    expect(await seen(unfit)).toEqual(expected);
  }
});

describe('older tokens never undo newer ones:', () => {
  test('tokens of two clients that come in turn settle on what the newer one says', async () => {
    const store = watched();
    const { method } = syncing({ mode: 'mirror' }, store);
    const older = accessToken({ groups: ['ops'], iat: inSeconds(-100), azp: 'a' });
    const newer = accessToken({ groups: ['dev'], iat: inSeconds(-50), azp: 'b' });
    const groups: (readonly string[])[] = [];
    for (const token of [older, newer, older, newer, older])
      groups.push((await present(method, token)).principal.groups.toSorted());
    expect(groups).toEqual([['ops', 'staff'], ...Array(4).fill(['dev', 'staff'])]);
    expect(store.syncGroups).toHaveBeenCalledTimes(2);
  });

  test('one that comes first and last changes nothing at last', async () => {
    const { method, seen } = syncing({ mode: 'mirror' });
    expect(await seen({ groups: ['dev'], iat: inSeconds(-50) })).toEqual(['dev', 'staff']);
    method.invalidate({ identity });
    expect(await seen({ groups: ['ops'], iat: inSeconds(-100) })).toEqual(['dev', 'staff']);
    expect(await seen({ groups: ['ops'], iat: undefined })).toEqual(['dev', 'staff']);
  });

  test('a token that says nothing new costs nothing, and one that does is not kept from it', async () => {
    const store = watched();
    const { seen } = syncing({ mode: 'mirror' }, store);
    const iat = inSeconds(-5);
    await seen({ groups: ['ops'], iat });
    await seen({ groups: ['ops'], iat, jti: '2' });
    expect(store.find).toHaveBeenCalledTimes(2);
    expect(await seen({ groups: ['dev'], iat: iat + 1 })).toEqual(['dev', 'staff']);
  });

  test('who was disabled while groups were synced does not come in', async () => {
    const store = watched();
    const { method, seen } = syncing({ mode: 'mirror' }, store);
    const { id } = (await present(method, accessToken({ groups: [], iat: inSeconds(-9) }))).principal;
    const sync = store.syncGroups.getMockImplementation();
    store.syncGroups.mockImplementationOnce(async (...given) => {
      await store.setStatus(id, 'disabled');
      return sync?.(...given) ?? 'stale';
    });
    expect(await seen({ groups: ['ops'], iat: inSeconds(-3) })).toBe('user_disabled');
    expect(jest.isMockFunction(store.syncGroups)).toBe(true);
  });
});
