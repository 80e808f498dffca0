import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, fromHeader, jwtAuth, type Principal, wafToken } from '../../lib/index.js';
import { active, asking, introspectionEndpoint, opaqueToken } from '../helpers/introspection-endpoint.js';
import { local } from '../helpers/local.js';
import { accessToken, door, ISSUER, present, STRANGER_KEY, STRANGER_PEM, staticOptions } from '../helpers/oidc-door.js';
import { carrying, outcome } from '../helpers/remembering.js';
import { loginToken, shared } from '../helpers/shared-secret.js';

const other = 'https://other.example.com';
const robot = { sub: '', client_id: 'robot' };
const endpoint = await introspectionEndpoint(active(robot));
const ours = accessToken(robot);
const theirs = accessToken({ ...robot, iss: other }, { key: STRANGER_KEY });
const second = () => door({ name: 'second', issuer: other, publicKeys: STRANGER_PEM });

async function idOf(method: AuthMethod, token: string): Promise<unknown> {
  const told = await outcome(method, token);
  return typeof told === 'string' ? told : (told as Principal).id;
}
const idsOf = async (method: AuthMethod) => [await idOf(method, ours), await idOf(method, theirs)];
const APART = [`${ISSUER}|robot`, `${other}|robot`];

describe('one client id at two issuers is two principals', () => {
  test('in jwtAuth, for new and for cached tokens', async () => {
    const method = jwtAuth({ methods: [door(), second()] });
    for (let time = 0; time < 3; time += 1) expect(await idsOf(method)).toEqual(APART);
  });

  test('whatever the methods are: wafToken, sharedSecretJwt, introspection', async () => {
    const waf = wafToken(staticOptions({ issuer: other, publicKeys: STRANGER_PEM }) as Parameters<typeof wafToken>[0]);
    expect(await idsOf(jwtAuth({ methods: [door(), waf] }))).toEqual(APART);
    const login = shared({ issuer: other, subjects: 'client' });
    const token = loginToken({ iss: other, sub: '', client_id: 'robot' });
    expect(await idOf(jwtAuth({ methods: [door(), login] }), token)).toBe(`${other}|robot`);
    const opaque = jwtAuth({ methods: [asking(endpoint), second()] });
    expect(await idOf(opaque, opaqueToken())).toBe(`${ISSUER}|robot`);
  });

  test('where they are exchanged for local tokens', async () => {
    const methods = [door(), second()];
    local({ cookie: true }).loginRouter({ methods });
    expect(await idOf(methods[0] ?? door(), ours)).toBe(`${ISSUER}|robot`);
  });

  test('also where a method has already seen tokens before it was composed', async () => {
    const [one, two] = [door(), second()];
    for (let time = 0; time < 3; time += 1) expect(await idOf(one, ours)).toBe('robot');
    const opaque = asking(endpoint, { name: 'opaque' });
    const token = opaqueToken();
    expect(await idOf(opaque, token)).toBe('robot');
    expect(await idsOf(jwtAuth({ methods: [one, two] }))).toEqual(APART);
    const mixed = jwtAuth({ methods: [opaque, second()] });
    expect(await idOf(mixed, token)).toBe(`${ISSUER}|robot`);
    // One caller has one id on every route.
    expect(await idOf(one, ours)).toBe(`${ISSUER}|robot`);
  });
});

describe('a client of the only issuer', () => {
  test('is known by its own id, also beside consumers and local tokens', async () => {
    expect(await idOf(door(), ours)).toBe('robot');
    expect(await idOf(jwtAuth({ methods: [door(), local()] }), ours)).toBe('robot');
  });

  test('is known by its own id where several methods have that issuer', async () => {
    const waf = wafToken({ ...staticOptions(), tokenFrom: fromHeader('x-waf') } as Parameters<typeof wafToken>[0]);
    expect(await idOf(jwtAuth({ methods: [door(), waf] }), ours)).toBe('robot');
  });
});

test('persons keep their ids among several issuers', async () => {
  const method = jwtAuth({ methods: [door(), second()] });
  expect((await present(method, accessToken())).principal.id).toBe(`${ISSUER}|alice`);
  expect(await method.authenticate(carrying(accessToken()))).toMatchObject({ type: 'user' });
});
