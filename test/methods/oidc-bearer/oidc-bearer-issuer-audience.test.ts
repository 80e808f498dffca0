import { describe, expect, test } from '@jest/globals';
import { AUDIENCE, accessToken, door, ISSUER, PROVIDER_KEY, verdict } from '../../helpers/oidc-door.js';
import { signed } from '../../helpers/signing.js';
import { inSeconds } from '../../helpers/tokens.js';

describe('the audience', () => {
  const twoOfUs = door({ audience: [AUDIENCE, 'urn:second'] });

  test.each<[aud: unknown, method: ReturnType<typeof door>]>([
    [AUDIENCE, door()],
    [[AUDIENCE], door()],
    [['somebody', AUDIENCE], door()],
    ['urn:second', twoOfUs],
    [['somebody', 'urn:second'], twoOfUs],
    ['whoever', door({ audience: null })],
    [undefined, door({ audience: null })],
    [null, door({ audience: null })],
    [[], door({ audience: null })],
  ])('%j is ours', async (aud, method) => {
    expect(await verdict(method, accessToken({ aud }))).toBe(200);
  });

  test.each([
    'https://api.example.org',
    `${AUDIENCE}/`,
    `${AUDIENCE}/v1`,
    AUDIENCE.slice(0, -1),
    AUDIENCE.toUpperCase(),
    `${AUDIENCE} `,
    ` ${AUDIENCE}`,
    `${AUDIENCE},urn:second`,
    `${AUDIENCE} urn:second`,
    '',
    ['somebody', 'else'],
    undefined,
    null,
  ])('%j is somebody else’s', async (aud) => {
    expect(await verdict(door(), accessToken({ aud }))).toBe('audience_mismatch');
  });

  test.each([[{ [AUDIENCE]: true }], [[[AUDIENCE]]], [[AUDIENCE, 7]], [7], [true]])(
    '%j is no audience at all, even where none is checked',
    async (aud) => {
      expect(await verdict(door(), accessToken({ aud }))).toBe('claim_invalid');
      expect(await verdict(door({ audience: null }), accessToken({ aud }))).toBe('claim_invalid');
    },
  );

  test('an empty list is nobody’s', async () => {
    expect(await verdict(door(), accessToken({ aud: [] }))).toBe('audience_mismatch');
  });
});

describe('the issuer', () => {
  test.each([
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    'https://Login.example.com',
    'https://login.example.com:443',
    'http://login.example.com',
    'https://login.example.com.',
    'https://lоgin.example.com',
    `${ISSUER}/../`,
    'login.example.com',
    '',
  ])('%j is not ours', async (iss) => {
    expect(await verdict(door(), accessToken({ iss }))).toBe('issuer_unknown');
  });

  test('with a slash at the end is not the one without', async () => {
    const slashed = door({ issuer: `${ISSUER}/` });
    expect(await verdict(slashed, accessToken({ iss: `${ISSUER}/` }))).toBe(200);
    expect(await verdict(slashed, accessToken())).toBe('issuer_unknown');
  });

  test('is the same text however JSON escapes it', async () => {
    const claims = `{"iss":"https:\\/\\/login.example.com","aud":"${AUDIENCE}","sub":"alice","exp":${inSeconds(300)}}`;
    expect(await verdict(door(), signed('ES256', PROVIDER_KEY, claims))).toBe(200);
  });

  test.each([
    [undefined, 'claim_missing'],
    [null, 'claim_invalid'],
    [7, 'claim_invalid'],
    [[ISSUER], 'claim_invalid'],
    [{ [ISSUER]: 1 }, 'claim_invalid'],
  ])('%j is refused as %s', async (iss, code) => {
    expect(await verdict(door(), accessToken({ iss }))).toBe(code);
  });

  test.each(['corp-issuer', 'urn:example:issuer', 'http://inside.example.com'])(
    '%j need not be an address, where nothing is fetched from it',
    async (iss) => {
      expect(await verdict(door({ issuer: iss }), accessToken({ iss }))).toBe(200);
    },
  );
});
