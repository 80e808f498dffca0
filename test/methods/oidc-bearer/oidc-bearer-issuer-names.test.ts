import type { IncomingMessage } from 'node:http';
import { describe, expect, jest, test } from '@jest/globals';
import {
  backchannelLogout,
  jwtAuth,
  localToken,
  memoryRevocations,
  memoryUsers,
  oidcBearer,
  wafToken,
} from '../../../lib/index.js';
import { ask } from '../../helpers/asking.js';
import { given } from '../../helpers/loose.js';
import { AUDIENCE, accessToken, door, ISSUER, PROVIDER_PEM, present, verdict } from '../../helpers/oidc-door.js';
import { resolvedBy, tenant } from '../../helpers/tenants.js';

const OTHER = 'login.example.com';
const twoNames = (options: object = {}) => door({ issuer: [ISSUER, OTHER], ...options });
/** A request as Node has it, without HTTP. */
function bearing(token: string): IncomingMessage {
  const authorization = `Bearer ${token}`;
  return { headers: { authorization }, rawHeaders: ['Authorization', authorization] } as unknown as IncomingMessage;
}

const otherToken = (claims: object = {}) => accessToken({ iss: OTHER, ...claims });

describe('several names of one issuer', () => {
  test('are one identity, named by the first', async () => {
    const method = twoNames();
    for (const token of [accessToken(), otherToken()]) {
      const { principal } = await present(method, token);
      expect(principal).toMatchObject({ id: `${ISSUER}|alice`, issuer: ISSUER });
    }
    expect(await verdict(method, accessToken({ iss: `${ISSUER}/` }))).toBe('issuer_unknown');
  });

  test('are one user, who is registered once', async () => {
    const method = twoNames({ users: { store: memoryUsers(), autoRegister: true } });
    const [first, second] = [await present(method, otherToken()), await present(method, accessToken())];
    expect(first.principal.created).toBe(true);
    expect(second.principal).toMatchObject({ id: first.principal.id, type: 'user' });
    expect(second.principal.created).not.toBe(true);
  });

  test('are invalidated by either name', async () => {
    const asked = jest.fn(async () => ({ id: 'u1' }));
    const method = twoNames({ users: asked });
    const token = otherToken();
    for (const issuer of [ISSUER, OTHER]) {
      await present(method, token);
      method.invalidate({ issuer });
    }
    await present(method, token);
    method.invalidate({ identity: { issuer: OTHER, subject: 'alice' } });
    await present(jwtAuth({ methods: [method] }), token);
    expect(asked).toHaveBeenCalledTimes(4);
  });

  test('are revoked under the first, whichever the token has', async () => {
    const revocations = memoryRevocations();
    const method = twoNames({ isRevoked: revocations.check });
    const token = otherToken({ sid: 's1', iat: Math.floor(Date.now() / 1000) - 5 });
    expect(await ask(method, token)).toBe('ok');
    await revocations.revokeSession({ issuer: ISSUER, sid: 's1' });
    expect(await ask(method, token)).toBe('token_revoked');
  });

  test('are one name for role bindings and one in local tokens', async () => {
    const local = localToken({
      issuer: 'https://app.example.com',
      keys: [{ kid: '1', algorithm: 'HS256', secret: 'x'.repeat(32) }],
    });
    const method = twoNames({
      roleBindings: [{ when: ({ issuer }: { issuer: string }) => issuer === ISSUER, role: 'ours' }],
    });
    const principal = await method.require(bearing(otherToken()));
    expect(principal.roles).toEqual(['ours']);
    const [, payload = ''] = (await local.issue(principal)).token.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).origin.iss).toBe(ISSUER);
  });

  test('serve wafToken and issuers() as well', async () => {
    const issuer = [ISSUER, OTHER];
    const waf = wafToken({ issuer, audience: AUDIENCE, publicKeys: PROVIDER_PEM, exposeReason: true });
    for (const method of [waf, resolvedBy(() => tenant({ issuer }))])
      expect((await present(method, otherToken())).principal).toMatchObject({ issuer: ISSUER });
  });

  test('may be templates, for tenants of which each has all names', async () => {
    const issuer = ['https://two.example.com/{tenantid}/v2.0', 'https://one.example.com/{tenantid}/'];
    const method = door({ issuer, tenants: ['t1', 't2'] });
    const old = accessToken({ iss: 'https://one.example.com/t2/', tid: 't2' });
    expect((await present(method, old)).principal).toMatchObject({ issuer: 'https://two.example.com/t2/v2.0' });
    expect(await verdict(method, accessToken({ iss: 'https://one.example.com/t2/', tid: 't1' }))).toBe(
      'issuer_unknown',
    );
    expect(() => door({ issuer: [...issuer, ISSUER], tenants: ['t1'] })).toThrow(/oidcBearer\.issuer: has {tenantid}/);
  });

  test.each<[unknown, RegExp]>([
    [[], /names nobody/],
    [[ISSUER, ISSUER], /twice/],
    [[ISSUER, ''], /expects a non-empty string/],
    [[ISSUER, undefined], /expects a non-empty string.*environment variable/],
    [[ISSUER, 7], /expects a non-empty string/],
    [[[ISSUER]], /expects a non-empty string/],
  ])('as %j are a wrong option', (issuer, reason) => {
    expect(() => door(given({ issuer }))).toThrow(reason);
  });
});

describe('methods that share a name', () => {
  const named = (issuer: string | string[], audience: string) => door({ issuer, audience });

  test('are refused where it means two issuers, whatever their audiences and places', () => {
    expect(() => jwtAuth({ methods: [named([ISSUER, OTHER], 'a'), named(OTHER, 'b')] })).toThrow(
      /issuer name "login\.example\.com"/,
    );
    const waf = wafToken({ header: 'x-waf', issuer: [OTHER, ISSUER], audience: 'a', publicKeys: PROVIDER_PEM });
    expect(() => jwtAuth({ methods: [named([ISSUER, OTHER], 'a'), waf] })).toThrow(/known by another name/);
  });

  test('are told apart by their audiences where they agree on the names', async () => {
    const both = jwtAuth({ methods: [named([ISSUER, OTHER], 'a'), named([ISSUER, OTHER], 'b')], exposeReason: true });
    for (const aud of ['a', 'b']) expect(await verdict(both, otherToken({ aud }))).toBe(200);
    expect(() => jwtAuth({ methods: [named([ISSUER, OTHER], 'a'), named([ISSUER, OTHER], 'a')] })).toThrow(
      /could never be asked/,
    );
  });

  test('are found by every name', async () => {
    const both = jwtAuth({ methods: [named('https://a.example.com', AUDIENCE), named([ISSUER, OTHER], AUDIENCE)] });
    expect(await ask(both, otherToken())).toBe('ok');
  });
});

describe('backchannelLogout', () => {
  const options = { audience: 'app', revocations: memoryRevocations(), publicKeys: PROVIDER_PEM };

  test('takes a list of names, and no function or null where it has to know its own', () => {
    expect(() => backchannelLogout({ ...options, issuer: [ISSUER, OTHER] })).not.toThrow();
    expect(() => backchannelLogout(given({ ...options, issuer: null }))).toThrow(/backchannelLogout\.issuer/);
    expect(() => backchannelLogout(given({ ...options, issuer: ISSUER, audience: () => true }))).toThrow(
      /backchannelLogout\.audience/,
    );
  });
});

test('discovery looks where the first name is, and takes any of them in the document', () => {
  expect(() => oidcBearer({ issuer: [ISSUER, OTHER], audience: AUDIENCE })).not.toThrow();
  expect(() => oidcBearer({ issuer: [OTHER, ISSUER], audience: AUDIENCE })).toThrow(/oidcBearer\.issuer/);
});
