import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, type IntrospectionOptions, oidcBearer } from '../../../lib/index.js';
import { ask } from '../../helpers/asking.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import { getAllAtOnce } from '../../helpers/key-journey.js';
import { present } from '../../helpers/oidc-door.js';
import { opaqueProvider, RESOURCE_SERVER } from '../../helpers/opaque-provider.js';
import { API, PROGRAM } from '../../helpers/real-provider.js';
import { app } from '../../helpers/servers.js';

const provider = await opaqueProvider();
const make = (introspection: IntrospectionOptions): AuthMethod =>
  oidcBearer({ issuer: provider.origin, audience: API, exposeReason: true, introspection });
const questions = () => provider.asked.filter((path) => path === '/token/introspection').length;

describe.each<[what: string, introspection: IntrospectionOptions]>([
  ['plain answers', { client: RESOURCE_SERVER }],
  ['signed answers', { client: RESOURCE_SERVER, signed: true }],
])('with oidc-provider and %s', (_what, introspection) => {
  test('an opaque token becomes the program that got it', async () => {
    const { status, principal } = await present(make(introspection), await provider.token('things:read things:write'));
    expect(status).toBe(200);
    expect(principal).toMatchObject({
      type: 'client',
      id: PROGRAM.id,
      issuer: provider.origin,
      scopes: ['things:read', 'things:write'],
      claims: { aud: API, client_id: PROGRAM.id },
      credential: { kind: 'opaque' },
    });
  });

  test('200 requests with one token are one question, and nothing is fetched before', async () => {
    const before = provider.asked.length;
    const method = make(introspection);
    expect(provider.asked.length).toBe(before);
    const token = await provider.token();
    const asked = questions();
    const tokens = Array.from({ length: 200 }, () => token);
    expect(await getAllAtOnce(app(method), tokens)).toEqual({ 200: 200 });
    expect(questions() - asked).toBe(1);
  });

  test('a token that was revoked there is refused here when ttl is over', async () => {
    const pass = fakeClock();
    const method = make({ ...introspection, ttl: 5 });
    const token = await provider.token();
    expect(await ask(method, token)).toBe('ok');
    await provider.revoke(token);
    pass(6);
    expect(await ask(method, token)).toBe('token_revoked');
    expect(await ask(method, 'invented')).toBe('token_revoked');
  });
});

test('a client that the provider does not know is our outage', async () => {
  const method = make({ client: { id: RESOURCE_SERVER.id, secret: 'wrong' } });
  expect(await ask(method, await provider.token())).toBe('introspection_unavailable');
});

test('a client may prove who it is in the form', async () => {
  const method = make({ client: { ...RESOURCE_SERVER, authentication: 'post' } });
  expect(await ask(method, await provider.token())).toBe('ok');
});
