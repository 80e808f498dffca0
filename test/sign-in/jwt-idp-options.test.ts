import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, consumerJwt, jwtAuth, jwtIdp, localToken, memoryConsumers } from '../../lib/index.js';
import { HOME, idpOptions, SECRET, session } from '../helpers/sign-in.js';
import { wafDoor } from '../helpers/waf.js';

const bearerOnly = localToken({
  keys: [{ kid: '1', algorithm: 'HS256', secret: SECRET }],
  issuer: 'https://a.example',
});
const composed = jwtAuth({ methods: [wafDoor(), consumerJwt({ consumers: memoryConsumers() })] });

describe('refuses at creation', () => {
  test.each<[what: string, options: object, problem: string]>([
    ['no JWT endpoint', { jwtEndpoint: undefined }, 'jwtIdp.jwtEndpoint'],
    ['a JWT endpoint that is no URL', { jwtEndpoint: '/jwt' }, 'is not a URL'],
    ['one over plain http', { jwtEndpoint: 'http://waf.example.com/jwt' }, 'must be an https URL'],
    ['one with a fragment', { jwtEndpoint: 'https://waf.example.com/jwt#x' }, 'without a fragment'],
    ['one with a query that is ours', { jwtEndpoint: 'https://waf.example.com/?userAgentID=1' }, 'has userAgentID'],
    ['no method', { method: undefined }, 'jwtIdp.method'],
    ['several methods in one', { method: composed }, 'expects what wafToken() or a preset returns'],
    ['no session', { session: undefined }, 'jwtIdp.session'],
    ['a session without a cookie', { session: bearerOnly }, 'needs a cookie'],
    ['a secret of 31 bytes', { secret: 'x'.repeat(31) }, 'at least 32 bytes'],
    ['no secret', { secret: undefined }, 'jwtIdp.secret'],
    ['a secret that is no text', { secret: 42 }, 'jwtIdp.secret'],
    ['no return addresses', { allowedReturnUrls: undefined }, 'jwtIdp.allowedReturnUrls'],
    ['an empty list of them', { allowedReturnUrls: [] }, 'at least one address'],
    ['a text in place of a list', { allowedReturnUrls: HOME }, 'jwtIdp.allowedReturnUrls'],
    ['a callback that is no URL', { callbackUrl: '/jwt/callback' }, 'jwtIdp.callbackUrl'],
    ['a store of states that cannot claim', { states: {} }, 'claim()'],
    ['a maxAge of 0', { maxAge: 0 }, 'jwtIdp.maxAge'],
    ['a cookie that breaks its promise', { cookie: { secure: false } }, '__Host- asks for secure'],
    ['a cookie for other sites', { cookie: { sameSite: 'none' } }, 'unknown option'],
    ['an unknown option', { returnUrls: [] }, 'jwtIdp.returnUrls'],
    ['a login service that is no URL', { loginService: { url: 'x' } }, 'jwtIdp.loginService.url'],
    ['a login service with an impossible header', { loginService: { url: HOME, header: 'a b' } }, 'a header name'],
  ])('%s', (_what, options, problem) => {
    const make = () => jwtIdp({ ...idpOptions(), ...options } as never);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(problem);
  });

  test.each([
    '//evil.example',
    'orders',
    'https:evil.example',
    'https:///evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'https://user:password@app.example.com/',
    'https://user@app.example.com/',
    '/or ders',
    '/orders\n',
    'https://аpp.example.com/',
    'ftp://app.example.com/',
  ])('%j as an address to return to', (url) => {
    const make = () => jwtIdp(idpOptions({ allowedReturnUrls: [HOME, url] }));
    expect(make).toThrow('jwtIdp.allowedReturnUrls[1]');
  });

  test('and never says what the secret is', () => {
    const secret = 'too short a secret';
    expect(() => jwtIdp(idpOptions({ secret }))).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }),
    );
  });
});

test('takes a secret of bytes', () => {
  expect(jwtIdp(idpOptions({ secret: new Uint8Array(32), session }))).toBeInstanceOf(Function);
});
