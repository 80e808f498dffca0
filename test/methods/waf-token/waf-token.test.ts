import { describe, expect, test } from '@jest/globals';
import { consumerJwt, jwtAuth, memoryUsers, oidcBearer, wafToken } from '../../../lib/index.js';
import { afterThisTest } from '../../helpers/after-this-test.js';
import { howtoConsumers } from '../../helpers/consumers.js';
import { issuerForTest } from '../../helpers/key-journey.js';
import { AUDIENCE, accessToken, ISSUER, PROVIDER_PEM, STRANGER_KEY, staticOptions } from '../../helpers/oidc-door.js';
import { howtoToken, inSeconds } from '../../helpers/tokens.js';
import { sendTo, WAF_HEADER, wafDoor, wafOptions, wafVerdict } from '../../helpers/waf.js';

describe('the header that the WAF writes', () => {
  test.each([
    ['the bare token', (token: string) => token],
    ['Bearer in front', (token: string) => `Bearer ${token}`],
    ['bearer in any case, and more spaces', (token: string) => `bEARER   ${token}`],
  ])('may hold %s', async (_title, write) => {
    const { status, principal } = await sendTo(wafDoor(), ['X-WAF-JWT', write(accessToken())]);
    expect(status).toBe(200);
    expect(principal).toMatchObject({ type: 'user', method: 'wafToken', issuer: ISSUER, subject: 'alice' });
  });

  test.each([
    ['the bare token', (token: string) => token],
    ['Bearer in front', (token: string) => `Bearer ${token}`],
  ])('is Authorization by default, with %s', async (_title, write) => {
    const { header: _header, ...options } = wafOptions();
    expect(await wafVerdict(wafToken(options), ['Authorization', write(accessToken())])).toBe(200);
  });

  test.each([
    ['is not there', [], '401 credentials_missing'],
    ['is empty', [WAF_HEADER, ''], '401 credentials_missing'],
    ['holds garbage', [WAF_HEADER, 'garbage'], '401 token_malformed'],
    ['holds garbage with spaces', [WAF_HEADER, 'some more garbage'], '401 token_malformed'],
    ['holds another scheme', [WAF_HEADER, 'Basic YTpi'], '401 token_malformed'],
    ['holds Bearer and nothing', [WAF_HEADER, 'Bearer'], '400 request_malformed'],
    ['holds Bearer twice', [WAF_HEADER, `Bearer Bearer ${accessToken()}`], '400 request_malformed'],
    ['comes twice', [WAF_HEADER, accessToken(), WAF_HEADER, accessToken()], '400 credentials_ambiguous'],
    ['comes twice in two cases', [WAF_HEADER, accessToken(), 'X-WAF-JWT', 'x'], '400 credentials_ambiguous'],
    ['comes joined', [WAF_HEADER, `${accessToken()}, ${accessToken()}`], '400 credentials_ambiguous'],
    ['comes joined without a space', [WAF_HEADER, `${accessToken()},${accessToken()}`], '400 credentials_ambiguous'],
    ['comes joined with Bearer', [WAF_HEADER, `Bearer ${accessToken()}, Bearer x`], '400 credentials_ambiguous'],
    ['comes joined with anything', [WAF_HEADER, `Bearer ${accessToken()},"x"`], '400 credentials_ambiguous'],
    ['has an underscore', ['X_Waf_Jwt', accessToken()], '400 request_malformed'],
    ['has an underscore beside the right one', [WAF_HEADER, accessToken(), 'x_waf-jwt', 'x'], '400 request_malformed'],
  ])('is refused where it %s', async (_title, headers, expected) => {
    expect(await wafVerdict(wafDoor(), headers)).toBe(expected);
  });

  test('is refused as garbage even where no credential is required', async () => {
    const method = wafDoor({ credentialsRequired: false });
    expect(await wafVerdict(method, [])).toBe(200);
    expect(await wafVerdict(method, [WAF_HEADER, 'some garbage'])).toBe('401 token_malformed');
  });

  test('leaves other schemes in Authorization to whom they belong', async () => {
    const method = wafDoor({ header: 'authorization', credentialsRequired: false });
    for (const value of ['Basic YTpi', 'Digest username="a", realm="b"', 'AWS4-HMAC-SHA256 Credential=a, S=h;x']) {
      expect(await wafVerdict(method, ['Authorization', value])).toBe(200);
    }
    expect(await wafVerdict(method, ['Authorization', `Basic YTpi, Bearer ${accessToken()}`])).toBe(
      '400 credentials_ambiguous',
    );
  });
});

describe('the token of the WAF', () => {
  test.each([
    ['another key', accessToken({}, { key: STRANGER_KEY }), 'signature_invalid'],
    ['another issuer', accessToken({ iss: 'https://elsewhere.example.com' }), 'issuer_unknown'],
    ['another audience', accessToken({ aud: 'another' }), 'audience_mismatch'],
    ['an end in the past', accessToken({ exp: inSeconds(-120) }), 'token_expired'],
    ['no end', accessToken({ exp: undefined }), 'claim_missing'],
    ['no subject, but an e-mail', accessToken({ sub: '', email: 'a@example.com' }), 'claim_missing'],
    ['a key of its own', accessToken({ cnf: { jkt: 'x' } }), 'claim_invalid'],
    ['events', accessToken({ events: {} }), 'claim_invalid'],
    ['the type of a logout token', accessToken({}, { header: { typ: 'logout+jwt' } }), 'claim_invalid'],
  ])('is refused with %s', async (_title, token, code) => {
    expect(await wafVerdict(wafDoor(), [WAF_HEADER, token])).toBe(`401 ${code}`);
  });

  test('may be an ID token, because it speaks to the application behind', async () => {
    const token = accessToken({ nonce: 'n', at_hash: 'h' });
    expect(await wafVerdict(wafDoor(), [WAF_HEADER, token])).toBe(200);
  });

  test('of a service is a client, and never registers anybody', async () => {
    const store = memoryUsers();
    const method = wafDoor({ users: { store, autoRegister: true } });
    const { principal } = await sendTo(method, [WAF_HEADER, accessToken({ sub: '', client_id: 'robot' })]);
    expect(principal).toMatchObject({ type: 'client', id: 'robot' });
    expect(principal?.user).toBeUndefined();
  });

  test.each([
    ['as old as allowed', inSeconds(-3500), 200],
    ['older than allowed', inSeconds(-3700), '401 token_expired'],
    ['of unknown age', undefined, '401 claim_missing'],
  ])('that has not ended but is %s gets its answer', async (_title, iat, expected) => {
    const method = wafDoor({ maxAge: 3600 });
    expect(await wafVerdict(method, [WAF_HEADER, accessToken({ iat, exp: inSeconds(7200) })])).toBe(expected);
  });
});

describe('people behind a WAF', () => {
  const ann = accessToken({ sub: 'ann', email: 'ann@example.com', email_verified: true, name: 'Ann' });

  test('are registered from what the token says, once', async () => {
    const method = wafDoor({ users: { store: memoryUsers(), autoRegister: true } });
    const first = await sendTo(method, [WAF_HEADER, ann]);
    const again = await sendTo(method, [WAF_HEADER, ann]);
    expect(first.principal).toMatchObject({ created: true, user: { email: 'ann@example.com', name: 'Ann' } });
    expect(again.principal).toMatchObject({ id: first.principal?.id, created: false });
  });

  test('are found by issuer and subject when they change their e-mail', async () => {
    const method = wafDoor({ users: { store: memoryUsers(), autoRegister: true } });
    const { principal } = await sendTo(method, [WAF_HEADER, ann]);
    const moved = accessToken({ sub: 'ann', email: 'ann@other.example.com', email_verified: true });
    expect((await sendTo(method, [WAF_HEADER, moved])).principal?.id).toBe(principal?.id);
  });

  test('are refused with 403 where nobody registers by himself', async () => {
    const method = wafDoor({ users: { store: memoryUsers() } });
    expect(await wafVerdict(method, [WAF_HEADER, ann])).toBe('403 user_not_registered');
  });
});

describe('keys of the WAF', () => {
  test.each([
    ['discovery', () => ({})],
    ['their URL', ({ metadata }: { metadata: { jwks_uri: string } }) => ({ jwksUri: metadata.jwks_uri })],
  ])('come by %s', async (_title, place) => {
    const issuer = await issuerForTest();
    const method = wafToken({ header: WAF_HEADER, issuer: issuer.url, audience: issuer.audience, ...place(issuer) });
    afterThisTest(() => method.close());
    expect(await wafVerdict(method, [WAF_HEADER, await issuer.mint()])).toBe(200);
    expect(method.health()).toMatchObject([{ keyCount: 1 }]);
  });

  test('out of reach are our outage', async () => {
    const issuer = await issuerForTest();
    const token = await issuer.mint();
    await issuer.stop();
    const method = wafToken({ header: WAF_HEADER, issuer: issuer.url, audience: null });
    afterThisTest(() => method.close());
    expect(await wafVerdict(method, [WAF_HEADER, token])).toBe('503 keys_unavailable');
  });
});

describe('a WAF beside other methods', () => {
  const waf = wafDoor();
  const oidc = oidcBearer(staticOptions({ name: 'oidc', audience: 'another-audience' }));
  const bearer = ['Authorization', `Bearer ${accessToken({ aud: 'another-audience', sub: 'bob' })}`];
  const auth = jwtAuth({ methods: [oidc, waf], exposeReason: true });

  test('lets in who presents one good credential, and names the first method of two', async () => {
    expect((await sendTo(auth, bearer)).principal).toMatchObject({ method: 'oidc', subject: 'bob' });
    expect((await sendTo(auth, [WAF_HEADER, accessToken()])).principal).toMatchObject({ method: 'wafToken' });
    expect((await sendTo(auth, [...bearer, WAF_HEADER, accessToken()])).principal).toMatchObject({ method: 'oidc' });
  });

  test.each([
    ['forged', accessToken({}, { key: STRANGER_KEY }), '401 signature_invalid'],
    ['garbage', 'not a token', '401 token_malformed'],
    ['somebody else’s', accessToken({ iss: 'https://elsewhere.example.com' }), '401 issuer_unknown'],
  ])('refuses a good bearer beside a WAF header that is %s', async (_title, token, expected) => {
    expect(await wafVerdict(auth, [...bearer, WAF_HEADER, token])).toBe(expected);
  });

  test('shares Authorization with consumers, by issuer', async () => {
    const shared = wafDoor({ header: 'authorization' });
    const both = jwtAuth({ methods: [consumerJwt({ consumers: howtoConsumers() }), shared], exposeReason: true });
    const asBearer = (token: string) => ['Authorization', `Bearer ${token}`];
    expect((await sendTo(both, asBearer(howtoToken()))).principal).toMatchObject({ type: 'consumer' });
    expect((await sendTo(both, asBearer(accessToken()))).principal).toMatchObject({ method: 'wafToken' });
    const forged = accessToken({}, { key: STRANGER_KEY });
    expect(await wafVerdict(both, asBearer(forged))).toBe('401 signature_invalid');
  });

  test('of two products in one header, asks the one whose issuer it is', async () => {
    const other = wafToken(
      wafOptions({ name: 'other', issuer: 'other', audience: AUDIENCE, publicKeys: PROVIDER_PEM }),
    );
    const both = jwtAuth({ methods: [wafDoor(), other], exposeReason: true });
    expect((await sendTo(both, [WAF_HEADER, accessToken({ iss: 'other' })])).principal).toMatchObject({
      method: 'other',
    });
    expect(await wafVerdict(both, [WAF_HEADER, accessToken({ iss: 'third' })])).toBe('401 issuer_unknown');
  });
});
