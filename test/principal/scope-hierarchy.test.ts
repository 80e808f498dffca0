import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { apiKey, memoryApiKeys, oidcBearer, requireScopes, type ScopeOptions } from '../../lib/index.js';
import { accessToken, staticOptions } from '../helpers/oidc-door.js';

const HIERARCHY: ScopeOptions = {
  implies: { admin: ['write'], write: ['read', 'list'], loop: ['pool'], pool: ['loop'] },
};

const asRequest = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;

const door = (scopes?: ScopeOptions) => oidcBearer({ ...staticOptions(), ...(scopes === undefined ? {} : { scopes }) });

async function scopesOf(scope: unknown, scopes?: ScopeOptions): Promise<readonly string[]> {
  const token = accessToken({ scope });
  const principal = await door(scopes).require(asRequest({ authorization: `Bearer ${token}` }));
  expect(principal.claims.scope).toEqual(scope);
  return principal.scopes;
}

describe('a scope that implies others', () => {
  test.each<[scope: unknown, expected: readonly string[]]>([
    ['admin', ['admin', 'write', 'read', 'list']],
    ['write', ['write', 'read', 'list']],
    ['read', ['read']],
    ['other write', ['other', 'write', 'read', 'list']],
    [
      ['admin', 'read'],
      ['admin', 'read', 'write', 'list'],
    ],
    ['loop', ['loop', 'pool']],
    ['Admin', ['Admin']],
    ['', []],
    ['constructor', ['constructor']],
  ])('makes %j into %j, and leaves the claim as it is', async (scope, expected) => {
    expect(await scopesOf(scope, HIERARCHY)).toEqual(expected);
  });

  test('implies nothing where no hierarchy is given', async () => {
    expect(await scopesOf('admin')).toEqual(['admin']);
  });

  test('satisfies a guard that asks for what it implies', async () => {
    const authorization = `Bearer ${accessToken({ scope: 'admin' })}`;
    const principal = await door(HIERARCHY).require(asRequest({ authorization }));
    expect(requireScopes('read', 'list').test(principal)).toBe(true);
    expect(requireScopes('read', 'delete').test(principal)).toBe(false);
  });

  test('counts on API keys as well, alone and inside a token', async () => {
    const keys = memoryApiKeys();
    const { key } = await keys.create({ owner: 'billing', scopes: ['write'] });
    const alone = await apiKey({ keys, scopes: HIERARCHY }).require(asRequest({ 'x-api-key': key }));
    expect(alone.scopes).toEqual(['write', 'read', 'list']);
    const inToken = oidcBearer({ ...staticOptions(), apiKeys: keys, scopes: HIERARCHY });
    const authorization = `Bearer ${accessToken({ apikey: key })}`;
    expect((await inToken.require(asRequest({ authorization }))).scopes).toEqual(['write', 'read', 'list']);
  });
});

describe('what is no hierarchy is refused at creation', () => {
  test.each<[title: string, scopes: unknown, message: string]>([
    ['a list of scopes', ['admin'], 'oidcBearer.scopes: expects an options object'],
    ['a hierarchy without implies', { admin: ['write'] }, 'oidcBearer.scopes.admin: unknown option'],
    ['nothing under implies', {}, 'oidcBearer.scopes.implies: expects an object of lists'],
    [
      'a list under implies',
      { implies: [['admin', 'write']] },
      'oidcBearer.scopes.implies: expects an object of lists',
    ],
    ['a text in place of a list', { implies: { admin: 'write read' } }, 'oidcBearer.scopes.implies.admin'],
    ['two scopes in one text', { implies: { admin: ['write read'] } }, '"write read" is not one scope'],
    ['an empty scope', { implies: { '': ['read'] } }, 'is not one scope'],
  ])('%s', (_title, scopes, message) => {
    expect(() => door(scopes as ScopeOptions)).toThrow(message);
  });
});
