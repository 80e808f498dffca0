import { describe } from '@jest/globals';
import { fromBearer, fromBody, fromCookie, fromHeader, fromQuery, memoryUsers, oidcBearer } from '../../lib/index.js';
import { refusesMistakes } from '../helpers/mistakes.js';
import { PROVIDER_PEM } from '../helpers/oidc-door.js';

/** Options as JavaScript would pass them. */
const method = (options: object) => () =>
  oidcBearer({ issuer: 'https://login.example.com', audience: 'api', publicKeys: PROVIDER_PEM, ...options } as never);
const store = memoryUsers();
const users = (options: unknown) => method({ users: options });

describe('numbers and switches', () => {
  refusesMistakes([
    ['seconds as a text', method({ clockTolerance: '300' }), /a text; write the number 300, or Number/],
    ['seconds with a unit', method({ maxLifetime: '1h' }), /write the number 3600/],
    ['milliseconds', method({ clockTolerance: 60_000 }), /the number 60000, which looks like milliseconds; write 60$/],
    ['a negative number', method({ clockTolerance: -1 }), /from 0 to 300, and this is the number -1/],
    ['no number', method({ clockTolerance: Number.NaN }), /the number NaN/],
    ['a switch as a text', method({ credentialsRequired: 'false' }), /'false'; write false without quotes, or compare/],
    ['a switch as a number', method({ skipPreflight: 1 }), /true or false, and this is the number 1/],
    ['anonymous: true', method({ anonymous: true }), /anonymous: \{ username: 'guest' \}, and this is true/],
    ['respond as json', method({ respond: 'json' }), /"next" or a function \(error, req, res\)/],
    ['a logger as onEvent', method({ onEvent: {} }), /expects a function, and this is an object/],
    ['cache as a number', method({ cache: 60 }), /cache: \{ maxEntries: 10000 \}, and this is the number 60/],
    ['cache.max', method({ cache: { max: 10 } }), /did you mean "maxEntries"/],
    ['requiredClaims as a text', method({ requiredClaims: 'exp' }), /a text: put brackets around it/],
    ['validators as rules', method({ validators: { iss: 'a' } }), /a function or an array of functions/],
    ['isRevoked as a Promise', method({ isRevoked: Promise.resolve(false) }), /isRevoked: is a Promise: await it/],
    ['subjects of another word', method({ subjects: 'person' }), /"auto", "user", "client" or a function/],
    ['a name of another type', method({ name: 7 }), /non-empty string, and this is the number 7/],
  ]);
});

describe('tokenFrom', () => {
  const from = (tokenFrom: unknown) => method({ tokenFrom });
  refusesMistakes([
    ['a text', from('cookie'), /fromCookie\(\).*and this is a text/],
    ['a source that was not called', from(fromCookie), /the function fromCookie itself; call it: fromCookie\(/],
    ['the default, not called', from([fromBearer]), /call it: fromBearer\(/],
    ['none', from([]), /at least one source, and this is an empty list/],
    ['an object', from({ cookie: 'token' }), /and this is an object/],
    [
      'one header with a scheme and without',
      from([fromBearer(), fromHeader('authorization')]),
      /one place twice \(header authorization\); leave one/,
    ],
    ['one cookie twice', from([fromCookie('a'), fromCookie('a')]), /one place twice \(cookie a\)/],
    ['a header without a name', () => fromHeader(undefined as never), /such as "x-token", and this is undefined/],
    ['a header with its colon', () => fromHeader('X-Token:'), /this has a colon: write the name alone/],
    [
      'a scheme as a text',
      () => fromHeader('x-token', 'Bearer' as never),
      /\{ scheme: 'Bearer' \}\), and this is a text/,
    ],
    ['a cookie with its value', () => fromCookie('a=b'), /name alone.*"=" in it/],
    ['a parameter with its mark', () => fromQuery('?token'), /name alone.*"\?" in it/],
    ['a body without a name', () => fromBody(undefined as never), /undefined: is the environment variable set/],
    ['signed as a text', () => fromCookie('a', { signed: 'yes' as never }), /true or false, and this is a text/],
  ]);
});

describe('claims', () => {
  const claims = (mapping: unknown) => method({ claims: mapping });
  refusesMistakes([
    ['as a text', claims('sub'), /claims: \{ roles: .*and this is a text/],
    ['with dots', claims({ roles: 'realm_access.roles' }), /write \['realm_access', 'roles'\]/],
    ['in JSONPath', claims({ roles: '$.realm_access.roles' }), /is JSONPath.*write \['realm_access', 'roles'\]/],
    ['as objects', claims({ roles: { path: 'x' } }), /a claim name, a JSON Pointer.*and this is an object/],
    ['as a number', claims({ subject: 1 }), /and this is the number 1/],
    ['of one role', claims({ role: 'x' }), /did you mean "roles"/],
    ['of user_id', claims({ user_id: 'sub' }), /claims: \{ subject: /],
    ['role bindings as an object', method({ roleBindings: { admin: 'x' } }), /an array of \{ when, role \}/],
  ]);
});

describe('users', () => {
  refusesMistakes([
    ['the store itself', users(store), /is the store itself; write \{ store: … \} around it/],
    ['nothing', users({}), /expects a function, or store in its place/],
    ['a store that was not called', users({ store: memoryUsers }), /call it: memoryUsers\(/],
    ['a store that is still on its way', users({ store: Promise.resolve(store) }), /store: is a Promise: await it/],
    ['no store', users({ autoRegister: true }), /such as memoryUsers\(\) or postgresUsers.*undefined/],
    ['a text', users('postgres'), /users: \{ store \}, and this is a text/],
    ['a list of people', users([{ id: 1 }]), /users: \{ store \}, and this is a list/],
    ['autoRegister: yes', users({ store, autoRegister: 'yes' }), /one of true, false, "pending", and this is a text/],
    ['linkByEmail: true', users({ store, linkByEmail: true }), /"never".*and this is true/],
    ['a domain as a text', users({ store, allowedDomains: 'example.com' }), /put brackets around it/],
    ['a domain with an @', users({ store, allowedDomains: ['@example.com'] }), /"example\.com".*without an @/],
    ['groups as a text', users({ store, groups: 'mirror' }), /groups: \{ mode: 'mirror' \}, and this is a text/],
    ['a time limit in milliseconds', users({ callback: () => ({}), timeout: 5000 }), /milliseconds; write 5$/],
  ]);
});
