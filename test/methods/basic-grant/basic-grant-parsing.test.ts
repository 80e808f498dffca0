import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jwtAuth } from '../../../lib/index.js';
import { basic, grantMethod, outcomeOf, refused, tokenServer } from '../../helpers/grants.js';
import { accessToken, door } from '../../helpers/oidc-door.js';
import { bearer, jsonOf, rawRequest } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';

const provider = await tokenServer();
const method = grantMethod(provider, { cache: false, attemptLimit: false });
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');

beforeEach(() => void provider.asked.splice(0));

/** The pair that reached the provider, as RFC 6749 section 2.3.1 writes it. */
function pairThere(): readonly string[] {
  const [{ authorization = '' } = { authorization: '' }] = provider.asked;
  const [id = '', secret = ''] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':');
  return [id, secret].map((half) => new URLSearchParams(`v=${half}`).get('v') ?? '');
}

describe('an id and a secret are read as RFC 7617 writes them:', () => {
  test.each<[what: string, id: string, secret: string]>([
    ['plain ones', 'reports', 'a secret'],
    ['colons in the secret', 'reports', 'a:b::c:'],
    ['letters beyond ASCII', 'zoë', 'pässwörd→🔑'],
    ['spaces all around', ' reports ', ' a secret '],
    ['a secret of one letter', 'r', 's'],
    ['what forms are written with', 'a&b=c%20+', '%3A&=+%'],
    ['a byte order mark', '\uFEFFreports', 'secret'],
  ])('%s', async (_what, id, secret) => {
    expect(await outcomeOf(method, basic(id, secret))).toBe(200);
    expect(pairThere()).toEqual([id, secret]);
  });

  test.each(['basic', 'BASIC', 'bAsIc'])('the scheme may be written %s', async (scheme) => {
    expect(await outcomeOf(method, `${scheme} ${base64('reports:secret')}`)).toBe(200);
  });

  test('several spaces may stand behind the scheme', async () => {
    expect(await outcomeOf(method, `Basic    ${base64('reports:secret')}`)).toBe(200);
  });

  test('any id and secret without control characters arrive as they were sent', async () => {
    const half = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text));
    const id = half.filter((text) => !text.includes(':'));
    await fc.assert(
      fc.asyncProperty(id, half, async (name, secret) => {
        provider.asked.splice(0);
        expect(await outcomeOf(method, basic(name, secret))).toBe(200);
        expect(pairThere()).toEqual([name, secret]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('is a malformed request, and asks the provider nothing:', () => {
  test.each<[what: string, header: string]>([
    ['the scheme alone', 'Basic'],
    ['no base64 at all', 'Basic reports:secret'],
    ['no colon', `Basic ${base64('reports')}`],
    ['an empty id', `Basic ${base64(':secret')}`],
    ['nothing but a colon', `Basic ${base64(':')}`],
    ['missing padding', `Basic ${base64('reports:secre').replace(/=+$/, '')}`],
    ['too much padding', `Basic ${base64('reports:secret')}==`],
    ['bits that belong to no byte', `Basic ${base64('a:b1').replace(/.==$/, 'R==')}`],
    ['the alphabet of base64url', `Basic ${base64('a:ÿÿÿ>>>').replaceAll('+', '-').replaceAll('/', '_')}`],
    ['white space inside', `Basic ${base64('reports:secret').replace(/^.{4}/, '$& ')}`],
    ['a second word', `Basic ${base64('reports:secret')} x`],
    ['a tab behind the scheme', `Basic\t${base64('reports:secret')}`],
    ['parameters', `Basic realm="api", charset="UTF-8"`],
    ['invalid UTF-8', `Basic ${base64(Uint8Array.of(0x61, 0x3a, 0xff, 0xfe))}`],
    ['Latin-1', `Basic ${Buffer.from('zoë:pässword', 'latin1').toString('base64')}`],
    ['an overlong encoding', `Basic ${base64(Uint8Array.of(0x61, 0xc0, 0xba, 0x62))}`],
    ['a surrogate in UTF-8', `Basic ${base64(Uint8Array.of(0x61, 0x3a, 0xed, 0xa0, 0x80))}`],
    ['a NUL in the id', `Basic ${base64('rep\0orts:secret')}`],
    ['a line break in the secret', `Basic ${base64('reports:sec\r\nret')}`],
    ['DEL', `Basic ${base64('reports:\x7f')}`],
    ['a C1 control character', `Basic ${base64('reports:\u0085')}`],
    ['5 KB', `Basic ${base64(`reports:${'x'.repeat(5_000)}`)}`],
    ['15 KB', `Basic ${base64(`reports:${'x'.repeat(11_000)}`)}`],
  ])('%s', async (_what, header) => {
    expect(await outcomeOf(method, header)).toBe('400 request_malformed');
    expect(provider.asked).toEqual([]);
  });

  test('and whatever bytes there are in the base64, it is no 500', async () => {
    provider.answer = () => refused('invalid_client', 401);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        expect(['400 request_malformed', '401 exchange_rejected']).toContain(
          await outcomeOf(method, `Basic ${base64(bytes)}`),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('credentials in one header line too many', () => {
  const pair = basic('reports', 'secret');
  const both = app(jwtAuth({ methods: [door(), grantMethod(provider)], exposeReason: true }));
  const sent = async (listener: Parameters<typeof rawRequest>[0], ...headers: string[]) => {
    const answer = await rawRequest(listener, { headers });
    return `${answer.status} ${jsonOf(answer).code}`;
  };

  test.each<[what: string, headers: string[]]>([
    ['Basic twice', ['Authorization', pair, 'Authorization', basic('other', 'secret')]],
    ['the same Basic twice', ['Authorization', pair, 'Authorization', pair]],
    ['Basic and Bearer', ['Authorization', pair, 'Authorization', bearer(accessToken())]],
    ['Bearer and Basic', ['Authorization', bearer(accessToken()), 'Authorization', pair]],
    ['Basic and Bearer in one line', ['Authorization', `${pair}, ${bearer(accessToken())}`]],
    ['Bearer and Basic in one line', ['Authorization', `${bearer(accessToken())}, ${pair}`]],
    ['two Basic in one line', ['Authorization', `${pair}, ${pair}`]],
  ])('are ambiguous: %s', async (_what, headers) => {
    expect(await sent(both, ...headers)).toBe('400 credentials_ambiguous');
    expect(await sent(app(method), ...headers)).toBe('400 credentials_ambiguous');
    expect(provider.asked).toEqual([]);
  });
});

test('another scheme is no credential of this kind', async () => {
  for (const header of ['Bearer abc', 'Digest username="x"', 'Negotiate abc', 'Basically abc'])
    expect(await outcomeOf(method, header)).toBe('401 credentials_missing');
});
