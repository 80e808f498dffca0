import { describe, expect, test } from '@jest/globals';
import { type AuthEvent, anyOf, keysOf, type OidcBearerOptions, split } from '../../lib/index.js';
import type { Loose } from '../helpers/loose.js';
import { accessToken, door, present } from '../helpers/oidc-door.js';

async function seen(claims: Record<string, unknown>, options: Loose<OidcBearerOptions> = {}) {
  const { principal } = await present(door(options), accessToken(claims));
  return principal;
}

const OBJECTS = [{ owner: 'o', name: 'sales' }];

describe('a claim of another shape under a default path', () => {
  test.each<[name: string, claims: Record<string, unknown>]>([
    ['roles', { roles: OBJECTS }],
    ['groups', { groups: OBJECTS }],
    ['groups', { groups: ['a', null] }],
    ['name', { name: { given: 'Jane' } }],
  ])('counts as absent, and an event names it: %s', async (field, claims) => {
    const events: AuthEvent[] = [];
    const body = await seen({ ...claims, email: 'jane@example.com' }, { onEvent: (event) => events.push(event) });
    expect(body).toMatchObject({ type: 'user', subject: 'alice', email: 'jane@example.com' });
    expect(Object.entries(body).find(([name]) => name === field)?.[1] ?? []).toEqual([]);
    const [claim = ''] = Object.keys(claims);
    expect(events).toContainEqual({ type: 'claim_ignored', method: 'oidcBearer', field, claim });
    expect(JSON.stringify(events)).not.toContain('sales');
  });

  test('is an error under a path of the application’s own, and the error names the claim', async () => {
    const method = door({ claims: { roles: 'roles' } });
    const headers = { authorization: `Bearer ${accessToken({ roles: OBJECTS })}` };
    const req = { method: 'GET', url: '/', headers, rawHeaders: Object.entries(headers).flat() } as never;
    const refusal = await method.authenticate(req).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'claim_invalid', detail: { claim: 'roles' } });
  });
});

test('the text "true" verifies an e-mail under a mapped path only', async () => {
  const claims = { email: 'jane@example.com', email_verified: 'true' };
  expect((await seen(claims)).emailVerified).toBe(false);
  expect((await seen(claims, { claims: { emailVerified: 'email_verified' } })).emailVerified).toBe(true);
  const denied = { ...claims, email_verified: 'false' };
  expect((await seen(denied, { claims: { emailVerified: 'email_verified' } })).emailVerified).toBe(false);
});

describe('paths that are made of others', () => {
  const nested = { realm_access: { roles: ['a', 'b'] }, resource_access: { shop: { roles: ['b', 'c'] } } };

  test('anyOf joins lists, each value once', async () => {
    const claims = { roles: anyOf('/realm_access/roles', ['resource_access', 'shop', 'roles'], 'missing') };
    expect((await seen(nested, { claims })).roles).toEqual(['a', 'b', 'c']);
    expect((await seen({}, { claims })).roles).toEqual([]);
  });

  test('anyOf splits texts at spaces where scopes are meant', async () => {
    const claims = { scopes: anyOf('scope', 'permissions') };
    expect((await seen({ scope: 'read write', permissions: ['admin'] }, { claims })).scopes).toEqual([
      'read',
      'write',
      'admin',
    ]);
  });

  test('keysOf reads the keys of an object, and leaves a list and what is absent', async () => {
    const claims = { roles: keysOf('urn:zitadel:iam:org:project:roles') };
    const roles = (value: unknown) => seen({ 'urn:zitadel:iam:org:project:roles': value }, { claims });
    expect((await roles({ admin: { 1: 'x' }, editor: {} })).roles).toEqual(['admin', 'editor']);
    expect((await roles(['admin'])).roles).toEqual(['admin']);
    expect((await roles(undefined)).roles).toEqual([]);
  });

  test('split cuts a text at a separator', async () => {
    expect((await seen({ teams: 'a, b,,c' }, { claims: { groups: split('teams', ',') } })).groups).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('functions read nested claims without a cast', async () => {
    const claims: OidcBearerOptions['claims'] = {
      roles: (c) => [...(c.realm_access?.roles ?? []), ...(c.resource_access?.shop?.roles ?? [])],
    };
    expect((await seen(nested, { claims })).roles).toEqual(['a', 'b', 'c']);
  });

  test('a dotted name is refused with the array to write instead', () => {
    expect(() => door({ claims: { roles: 'realm_access.roles' } })).toThrow("['realm_access', 'roles']");
    expect(() => door({ claims: { roles: 'https://example.com/roles' } })).not.toThrow();
    expect(() => door({ claims: { roles: ['realm_access.roles'] } })).not.toThrow();
  });
});
