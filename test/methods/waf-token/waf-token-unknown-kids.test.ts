import { describe, expect, jest, test } from '@jest/globals';
import { wafToken } from '../../../lib/index.js';
import { afterThisTest } from '../../helpers/after-this-test.js';
import { AUDIENCE, accessToken, ISSUER, PROVIDER_PEM, STRANGER_KEY } from '../../helpers/oidc-door.js';
import { pemServer } from '../../helpers/pem-server.js';
import { WAF_HEADER, wafVerdict } from '../../helpers/waf.js';

const own = { header: WAF_HEADER, issuer: ISSUER, audience: AUDIENCE, exposeReason: true };

/** The warnings of this process while something is made: their texts and codes. */
function warningsOf(make: () => unknown): unknown[][] {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  make();
  const calls = spy.mock.calls.map((call) => [...call]);
  spy.mockRestore();
  return calls;
}

describe('pemPerKid', () => {
  test('lets an honest token in when it comes again, after ten invented key ids', async () => {
    const { origin } = await pemServer({ '/real': PROVIDER_PEM });
    const method = wafToken({ ...own, pemPerKid: `${origin}/{kid}` });
    afterThisTest(() => method.close());
    for (let index = 0; index < 10; index += 1) {
      const invented = accessToken({}, { key: STRANGER_KEY, header: { kid: `invented-${index}` } });
      expect(await wafVerdict(method, [WAF_HEADER, invented])).toBe('401 key_not_found');
    }
    const honest = accessToken({}, { header: { kid: 'real' } });
    expect(await wafVerdict(method, [WAF_HEADER, honest])).toMatch(/^(200|503 keys_unavailable)$/);
    expect(await wafVerdict(method, [WAF_HEADER, honest])).toBe(200);
  });

  test('loads the kids that it names with ready()', async () => {
    const { origin, asked } = await pemServer({ '/real': PROVIDER_PEM });
    const method = wafToken({
      ...own,
      pemPerKid: { url: `${origin}/{kid}`, kids: ['real'] },
      trustedPeers: ['127.0.0.1'],
    });
    afterThisTest(() => method.close());
    await method.ready();
    expect(asked).toEqual(['/real']);
    expect(method.health()).toMatchObject([{ keyCount: 1 }]);
  });

  test('without trustedPeers warns once per address, and with them not at all', () => {
    const pemPerKid = 'https://keys.example.com/warned/{kid}';
    expect(warningsOf(() => wafToken({ ...own, pemPerKid, trustedPeers: ['10.0.0.0/8'] }))).toEqual([]);
    expect(warningsOf(() => [wafToken({ ...own, pemPerKid }), wafToken({ ...own, pemPerKid })])).toEqual([
      [expect.stringContaining('trustedPeers'), expect.objectContaining({ code: 'SALLYPORT_PEM_PER_KID' })],
    ]);
  });
});
