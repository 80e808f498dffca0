import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AuthMethod,
  type ConsumerCredential,
  consumerJwt,
  jwtAuth,
  memoryConsumers,
  memoryUsers,
  oidcBearer,
} from '../../lib/index.js';
import { AUDIENCE, accessClaims, ISSUER, jwkOf } from '../helpers/oidc-door.js';
import { changingKeys, countingClaims, outcome } from '../helpers/remembering.js';
import { signed } from '../helpers/signing.js';
import { hs256, inSeconds } from '../helpers/tokens.js';

const START = Date.now();
const PEOPLE = ['alice', 'bob'];
const KIDS = ['k1', 'k2'];
const CLIENTS = ['managed', 'own'];
const pairs = Array.from({ length: 3 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const SECRETS = ['first secret of thirty-two bytes', 'other secret of thirty-two bytes'] as const;

afterEach(() => {
  jest.restoreAllMocks();
});

const privateKey = (index: number) => pairs[index % pairs.length]?.privateKey as KeyObject;
const TIMES = [{}, { exp: inSeconds(30) }, { nbf: inSeconds(45) }, { iat: inSeconds(90) }, { exp: inSeconds(-30) }];

/** Every token that a run may present: of people and of clients, right and wrong in every way. */
const accessTokens = (keysOf: (kid: number) => readonly number[]) =>
  PEOPLE.flatMap((sub) =>
    TIMES.flatMap((times, at) =>
      [...KIDS, undefined].flatMap((kid, index) =>
        keysOf(index).map((key) =>
          signed('ES256', privateKey(key), accessClaims({ sub, jti: `${sub}-${at}`, ...times }), { kid }),
        ),
      ),
    ),
  );
const clientTokens = (secret: string) =>
  CLIENTS.flatMap((iss) =>
    TIMES.map((times, at) => hs256({ iss, jti: `${iss}-${at}`, exp: inSeconds(300), ...times }, { secret })),
  );
/** Good as the world begins, if the clock allows. */
const GOOD = [...accessTokens((kid) => [kid % KIDS.length]), ...clientTokens(SECRETS[0])];
/** Good once a key or a secret was replaced, or never. */
const OTHER = [
  ...accessTokens((kid) => [(kid + 1) % pairs.length, (kid + 2) % pairs.length]),
  ...clientTokens(SECRETS[1]),
  signed('ES256', privateKey(0), accessClaims({ aud: 'https://other.example.com' }), { kid: 'k1' }),
  signed('ES256', privateKey(0), accessClaims({ iss: 'https://nobody.example.com' }), { kid: 'k1' }),
  'no token at all',
];

/** What is around the methods: keys, records, people and revocations, all of which a step may change. */
async function world() {
  const published = new Map<string, number>(KIDS.map((kid, index) => [kid, index]));
  const jwks = () => [...published].map(([kid, key]) => jwkOf(privateKey(key), { kid, d: undefined }));
  const { keys, change } = changingKeys(jwks(), { atOnce: true });
  const users = memoryUsers();
  for (const subject of PEOPLE) {
    const identity = { tenant: '', issuer: ISSUER, subject };
    const asked = { identity, profile: { name: subject }, linkByEmail: false, defaultGroups: [] };
    await users.provision({ ...asked, create: 'active' });
  }
  const managed = memoryConsumers([{ username: 'managed', credentials: [{ key: 'managed', secret: SECRETS[0] }] }]);
  // A store of the application's own, which changes its one record in place.
  const own = {
    credential: { key: 'own', secret: SECRETS[0] } as Record<string, unknown>,
    consumer: { id: 'own', groups: ['own'], roles: [], tags: [], createdAt: new Date(0) },
  };
  const consumers = {
    findCredential: async (key: string) =>
      key === 'own'
        ? { credential: own.credential as unknown as ConsumerCredential, consumer: own.consumer }
        : managed.findCredential(key),
  };
  const publish = (kid: string, key: number | undefined) => {
    if (key === undefined) published.delete(kid);
    else published.set(kid, key);
    // A set without any key is none that a source would take.
    change(published.size === 0 ? jwkOf(privateKey(2), { kid: 'unused', d: undefined }) : jwks());
  };
  return { keys, publish, users, managed, own, consumers, revoked: new Set<unknown>() };
}

type World = Awaited<ReturnType<typeof world>>;

/** One step: either a request, or a change to the world that a cache must not sleep through. */
type Step = (world: World, ask: (token: string) => Promise<void>) => Promise<unknown> | unknown;

const titled = (title: string, step: Step) => Object.assign(step, { toString: () => title });
const pick = <T>(items: readonly T[]) => fc.constantFrom(...items);

const request = (token: string) => titled(`request ${[...GOOD, ...OTHER].indexOf(token)}`, (_world, ask) => ask(token));

const steps: readonly fc.Arbitrary<Step>[] = [
  fc
    .integer({ min: -100, max: 400 })
    .map((seconds) =>
      titled(`clock ${seconds}`, () => jest.spyOn(Date, 'now').mockReturnValue(START + seconds * 1000)),
    ),
  fc
    .tuple(pick(KIDS), pick([0, 1, 2, undefined]))
    .map(([kid, key]) => titled(`publish ${kid}=${key}`, ({ publish }) => publish(kid, key))),
  pick([...PEOPLE, ...CLIENTS].flatMap((name) => TIMES.map((_, at) => `${name}-${at}`))).map((jti) =>
    titled(`revoke ${jti}`, ({ revoked }) => revoked.add(jti)),
  ),
  fc.constant(titled('pardon all', ({ revoked }) => revoked.clear())),
  fc.tuple(pick(PEOPLE), pick(['active', 'disabled', 'pending'] as const)).map(([subject, status]) =>
    titled(`${subject} ${status}`, async ({ users }) => {
      const found = await users.find({ tenant: '', issuer: ISSUER, subject });
      await users.setStatus(found?.id ?? '', status);
    }),
  ),
  pick(SECRETS).map((secret) => titled('other secret', ({ own }) => Object.assign(own.credential, { secret }))),
  pick([true, false]).map((enabled) =>
    titled(`own enabled ${enabled}`, ({ own }) => Object.assign(own.credential, { enabled })),
  ),
  fc.constant(titled('another object', ({ own }) => Object.assign(own, { credential: { ...own.credential } }))),
  pick([['a'], ['a', 'b'], []]).map((groups) =>
    titled(`own groups ${groups}`, ({ own }) => Object.assign(own.consumer, { groups })),
  ),
  fc
    .nat({ max: 60 })
    .map((grace) =>
      titled(`rotate ${grace}`, ({ managed }) => managed.rotateCredential('managed', { grace }).catch(() => undefined)),
    ),
  fc.constant(titled('revoke credential', ({ managed }) => managed.revokeCredential('managed'))),
  pick([['x'], ['y']]).map((groups) =>
    titled(`managed groups ${groups}`, ({ managed }) => managed.updateConsumer('managed', { groups })),
  ),
];
// Mostly requests, and those mostly with a few tokens that a cache has a chance to remember.
const sequence = fc
  .uniqueArray(pick(GOOD), { minLength: 2, maxLength: 4 })
  .chain((few) =>
    fc.array(
      fc.oneof(
        { weight: 5 * steps.length, arbitrary: pick(few).map(request) },
        { weight: steps.length, arbitrary: pick([...GOOD, ...OTHER]).map(request) },
        ...steps.map((arbitrary) => ({ weight: 2, arbitrary })),
      ),
      { maxLength: 60, size: 'max' },
    ),
  );

/** Equal methods with and without the cache, alone and composed. */
function doors({ keys, users, consumers, revoked }: World, cache: boolean, claims: object): readonly AuthMethod[] {
  const isRevoked = ({ jti }: { jti?: string }) => revoked.has(jti);
  const common = { cache, claims, isRevoked };
  const people = () => oidcBearer({ issuer: ISSUER, audience: AUDIENCE, keys, users: { store: users }, ...common });
  const clients = () => consumerJwt({ consumers, ...common });
  return [people(), clients(), jwtAuth({ methods: [people(), clients()] })];
}

test('with and without the cache every answer is the same, whatever happens in between', async () => {
  let remembered = 0;
  await fc.assert(
    fc.asyncProperty(sequence, async (run) => {
      jest.restoreAllMocks();
      // It moves by steps alone: both sides of a comparison see one moment.
      jest.spyOn(Date, 'now').mockReturnValue(START);
      const [with_, without] = [countingClaims(), countingClaims()];
      const around = await world();
      const [cached, plain] = [doors(around, true, with_.claims), doors(around, false, without.claims)];
      for (const step of run) {
        await step(around, async (token) => {
          for (const [index, method] of cached.entries()) {
            const expected: { told?: unknown } = {};
            const asked = await without.workedOut(async () => {
              expected.told = await outcome(plain[index] as AuthMethod, token);
            });
            remembered +=
              asked -
              (await with_.workedOut(async () => {
                expect(await outcome(method, token)).toEqual(expected.told);
              }));
          }
        });
      }
    }),
    { numRuns: 300 },
  );
  // Or two methods without a cache were compared.
  expect(remembered).toBeGreaterThan(1_000);
});
