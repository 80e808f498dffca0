import { describe, expect, test } from '@jest/globals';
import { jwtAuth, oidcBearer, wafToken } from '../../../lib/index.js';
import { accessToken, staticOptions } from '../../helpers/oidc-door.js';
import { requestFrom, sendTo, WAF_HEADER, wafDoor, wafOptions, wafVerdict } from '../../helpers/waf.js';

const headers = () => ({ [WAF_HEADER]: accessToken() });

/** What a method says to a request from an address that no test machine has. */
async function verdictFrom(trustedPeers: readonly string[], address: string | undefined): Promise<string> {
  try {
    await wafDoor({ trustedPeers }).authenticate(requestFrom(address, headers()));
    return 'trusted';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('trusted peers', () => {
  test.each([
    [['10.0.0.0/8'], '10.255.0.1'],
    [['10.0.0.0/8'], '::ffff:10.255.0.1'],
    [['10.1.2.3'], '10.1.2.3'],
    [['10.1.2.3/32'], '::FFFF:10.1.2.3'],
    [['192.168.0.0/16', '10.0.0.0/8'], '192.168.7.7'],
    [['10.9.9.9/8'], '10.0.0.1'],
    [['0.0.0.0/0'], '203.0.113.7'],
    [['fd00::/8'], 'fd12:3456::1'],
    [['fe80::/10'], 'fe80::1%eth0'],
    [['2001:db8::1'], '2001:DB8:0:0::1'],
    [['::1'], '::1'],
    [['::ffff:10.0.0.0/104'], '10.2.3.4'],
  ])('%j take in %s', async (ranges, address) => {
    expect(await verdictFrom(ranges, address)).toBe('trusted');
  });

  test.each([
    [['10.0.0.0/8'], '11.0.0.1'],
    [['10.0.0.0/8'], '::ffff:11.0.0.1'],
    [['10.0.0.0/9'], '10.128.0.1'],
    [['10.1.2.3'], '10.1.2.4'],
    [['fd00::/8'], 'fe00::1'],
    [['fd00::/8'], '10.0.0.1'],
    [['0.0.0.0/0'], '2001:db8::1'],
    [['::1'], '127.0.0.1'],
    [['10.0.0.0/8'], undefined],
    [['10.0.0.0/8'], ''],
    [['10.0.0.0/8'], 'a name'],
  ])('%j keep out %s', async (ranges, address) => {
    expect(await verdictFrom(ranges, address)).toBe('peer_untrusted');
  });

  test.each([
    ['no list', '10.0.0.0/8'],
    ['an empty list', []],
    ['a host name', ['proxy.example.com']],
    ['a wildcard', ['10.*']],
    ['a prefix that is too long', ['10.0.0.0/33']],
    ['a prefix that is too long for IPv6', ['fd00::/129']],
    ['a negative prefix', ['10.0.0.0/-1']],
    ['an empty prefix', ['10.0.0.0/']],
    ['a netmask', ['10.0.0.0/255.0.0.0']],
    ['two prefixes', ['10.0.0.0/8/8']],
    ['an octal address', ['010.0.0.0/8']],
    ['a number', [10]],
  ])('may not be %s', (_title, trustedPeers) => {
    expect(() => wafToken({ ...wafOptions(), trustedPeers: trustedPeers as string[] })).toThrow(/trustedPeers/);
  });
});

describe('a request over the network', () => {
  const method = wafDoor({ trustedPeers: ['127.0.0.2'] });
  const TOKEN = [WAF_HEADER, accessToken()];

  test('is let in where it comes from the proxy', async () => {
    expect(await wafVerdict(method, TOKEN, { from: '127.0.0.2' })).toBe(200);
  });

  test('is refused where it comes from elsewhere with a token that is good', async () => {
    expect(await wafVerdict(method, TOKEN, { from: '127.0.0.3' })).toBe('401 peer_untrusted');
  });

  test('does not say who would be trusted, unless asked to', async () => {
    const quiet = wafDoor({ trustedPeers: ['127.0.0.2'], exposeReason: false });
    expect(await wafVerdict(quiet, TOKEN)).toBe('401 invalid_token');
  });

  test.each([
    ['X-Forwarded-For', '127.0.0.2'],
    ['X-Real-IP', '127.0.0.2'],
    ['Forwarded', 'for=127.0.0.2'],
    ['X-Client-IP', '127.0.0.2'],
    ['True-Client-IP', '127.0.0.2'],
  ])('is judged by its socket, whatever %s says', async (name, value) => {
    expect(await wafVerdict(method, [...TOKEN, name, value], { from: '127.0.0.3' })).toBe('401 peer_untrusted');
    expect(await wafVerdict(method, [...TOKEN, name, '127.0.0.3'], { from: '127.0.0.2' })).toBe(200);
  });

  test.each([
    ['where no credential is required', { credentialsRequired: false }],
    ['where anonymous requests are welcome', { anonymous: { username: 'guest' } }],
  ])('with a header from elsewhere is refused even %s', async (_title, options) => {
    const lenient = wafDoor({ trustedPeers: ['127.0.0.2'], ...options });
    expect(await wafVerdict(lenient, TOKEN)).toBe('401 peer_untrusted');
    expect(await wafVerdict(lenient, [WAF_HEADER, 'garbage'])).toBe('401 peer_untrusted');
    expect(await wafVerdict(lenient, [])).toBe(200);
  });

  test('from elsewhere may present what another method takes from anybody', async () => {
    const oidc = oidcBearer(staticOptions({ name: 'oidc', audience: 'another' }));
    const auth = jwtAuth({ methods: [oidc, wafDoor({ header: 'authorization', trustedPeers: ['127.0.0.2'] })] });
    const anybodys = ['Authorization', `Bearer ${accessToken({ aud: 'another' })}`];
    expect((await sendTo(auth, anybodys)).principal).toMatchObject({ method: 'oidc' });
    const wafs = ['Authorization', `Bearer ${accessToken()}`];
    expect((await sendTo(auth, wafs, { from: '127.0.0.2' })).principal).toMatchObject({ method: 'wafToken' });
    expect((await sendTo(auth, wafs)).status).toBe(401);
  });

  test('is told apart in events', async () => {
    const codes: unknown[] = [];
    const told = wafDoor({
      trustedPeers: ['127.0.0.2'],
      onEvent: (event) => codes.push('code' in event && event.code),
    });
    await wafVerdict(told, TOKEN);
    expect(codes).toEqual(['peer_untrusted']);
  });
});
