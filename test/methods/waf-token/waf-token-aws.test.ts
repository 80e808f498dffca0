import { describe, expect, test } from '@jest/globals';
import { jwtAuth, wafPresets } from '../../../lib/index.js';
import { wafSimulators } from '../../../lib/testing/index.js';
import { afterThisTest } from '../../helpers/after-this-test.js';
import { inSeconds } from '../../helpers/tokens.js';
import { sendTo, wafVerdict } from '../../helpers/waf.js';
import { everyProduct, presentAs } from '../../helpers/waf-products.js';

const product = everyProduct();
const ALB = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app';

describe('AWS ALB', () => {
  const it = () => product('awsAlb');

  test('pads every segment, and the padding is inside the signed bytes', async () => {
    const token = await it().simulator.token();
    expect(token).toMatch(/^[\w-]+=*\.[\w-]+=*\.[\w-]+==$/);
    expect(token.split('.').every((segment) => segment.length % 4 === 0)).toBe(true);
    expect(await presentAs(it(), token)).toBe(200);
  });

  test.each([
    ['stripped of all padding', (token: string) => token.replaceAll('=', '')],
    ['stripped of the padding of its signature', (token: string) => token.replace(/=+$/, '')],
    ['padded more than it is long', (token: string) => `${token}====`],
    ['padded with one sign too few', (token: string) => token.replace(/=$/, '')],
    ['padded in the wrong place', (token: string) => `=${token}`],
    ['with unused bits in its signature', (token: string) => token.replace(/.==$/, 'B==')],
  ])('refuses a token that was %s', async (_title, spoil) => {
    const token = await it().simulator.token();
    expect(spoil(token)).not.toBe(token);
    expect(await presentAs(it(), spoil(token))).toMatch(/^401 (token_malformed|signature_invalid)$/);
  });

  test('refuses a token without padding even where only its signature had some', async () => {
    const fitting = async (): Promise<string> => {
      for (let spare = 0; spare < 9; spare += 1) {
        const claims = { spare: 'x'.repeat(spare % 3) };
        const token = await it().simulator.token(claims, { header: { spare: 'x'.repeat(Math.floor(spare / 3)) } });
        if (/^[^=]+==$/.test(token)) return token;
      }
      throw new Error('no token without padding inside');
    };
    const token = await fitting();
    expect(await presentAs(it(), token)).toBe(200);
    expect(await presentAs(it(), token.replace(/=+$/, ''))).toBe('401 token_malformed');
  });

  test.each([
    ['of another load balancer', { signer: `${ALB}/other/1` }],
    ['of nobody', { signer: undefined }],
    ['of two load balancers', { signer: [`${ALB}/web/50dc6c495c0c9188`] }],
    ['for another client', { client: 'another' }],
    ['for no client', { client: undefined }],
    ['of two issuers', { iss: 'https://elsewhere.example.com' }],
  ])('refuses a token %s', async (_title, header) => {
    expect(await presentAs(it(), await it().simulator.token({}, { header }))).toBe('401 claim_invalid');
  });

  test.each([
    ['only in the header', { exp: undefined }, { exp: inSeconds(60) }, 200],
    ['only in the payload', { exp: inSeconds(60) }, { exp: undefined }, 200],
    ['nowhere', { exp: undefined }, { exp: undefined }, '401 claim_missing'],
    ['in the past, only in the header', { exp: undefined }, { exp: inSeconds(-120) }, '401 token_expired'],
    ['in the past, in the header', { exp: inSeconds(60) }, { exp: inSeconds(-120) }, '401 token_expired'],
    ['in the past, in the payload', { exp: inSeconds(-120) }, { exp: inSeconds(60) }, '401 token_expired'],
    ['as a text in the header', { exp: inSeconds(60) }, { exp: String(inSeconds(60)) }, '401 claim_invalid'],
    ['as a text in the payload', { exp: String(inSeconds(60)) }, { exp: inSeconds(60) }, '401 claim_invalid'],
    ['as null in the header', { exp: inSeconds(60) }, { exp: null }, 200],
    ['as null in the header, and nowhere else', { exp: undefined }, { exp: null }, '401 claim_missing'],
  ])('knows the end of a token where it is %s', async (_title, claims, header, expected) => {
    expect(await presentAs(it(), await it().simulator.token(claims as never, { header }))).toBe(expected);
  });

  test('takes the issuer from the header where the payload has none', async () => {
    expect(await presentAs(it(), await it().simulator.token({ iss: undefined }))).toBe(200);
  });

  test.each(['k1', '../x', 'not-a-uuid', '0000000-0000-0000-0000-000000000000'])(
    'asks for no key under the id %s, which is no UUID',
    async (kid) => {
      const before = it().simulator.keyRequests;
      expect(await presentAs(it(), await it().simulator.token({}, { header: { kid } }))).toBe('401 key_not_found');
      expect(it().simulator.keyRequests).toBe(before);
    },
  );

  test('takes several load balancers of one region', async () => {
    const albArn = [`${ALB}/other/1`, it().simulator.options.albArn as string];
    expect(await presentAs(it(), await it().simulator.token(), { albArn })).toBe(200);
  });

  test.each([
    ['eu-west-1', 'arn:aws:elasticloadbalancing', 'https://public-keys.auth.elb.eu-west-1.amazonaws.com/{kid}'],
    [
      'us-gov-west-1',
      'arn:aws-us-gov:elasticloadbalancing',
      'https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/{kid}',
    ],
    [
      'us-gov-east-1',
      'arn:aws-us-gov:elasticloadbalancing',
      'https://s3-us-gov-east-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-east-1/{kid}',
    ],
  ])('reads the place of the keys from the region of its ARN: %s', (region, prefix, source) => {
    const method = wafPresets.awsAlb({
      albArn: `${prefix}:${region}:1:loadbalancer/app/a/1`,
      clientId: 'c',
      issuer: 'i',
    });
    expect(method.health()).toMatchObject([{ source }]);
  });

  test.each([
    ['no ARN', 'web'],
    ['another service', 'arn:aws:ec2:eu-west-1:1:loadbalancer/app/a/1'],
    ['a region that is none', 'arn:aws:elasticloadbalancing:evil.example.com/:1:loadbalancer/app/a/1'],
    ['no region', 'arn:aws:elasticloadbalancing::1:loadbalancer/app/a/1'],
    ['two regions', [`${ALB}/a/1`, `${ALB.replace('eu-west-1', 'us-east-1')}/b/2`]],
    ['an empty list', []],
    ['a number', 1],
  ])('does not take %s for its load balancer', (_title, albArn) => {
    expect(() => wafPresets.awsAlb({ albArn: albArn as string, clientId: 'c', issuer: 'i' })).toThrow(/awsAlb\.albArn/);
  });

  test('stands beside a second one of another provider, in the same header', async () => {
    const second = await wafSimulators.awsAlb({ issuer: 'https://second.example.com' });
    afterThisTest(() => second.close());
    const other = wafPresets.awsAlb({ name: 'second', ...second.options });
    const auth = jwtAuth({ methods: [it().preset(), other], exposeReason: true });
    expect((await sendTo(auth, [second.header, await second.token()])).principal).toMatchObject({ method: 'second' });
    expect((await sendTo(auth, [second.header, await it().simulator.token()])).principal).toMatchObject({
      method: 'awsAlb',
    });
    const forged = await second.token({}, { fault: 'signature' });
    expect(await wafVerdict(auth, [second.header, forged])).toBe('401 signature_invalid');
  });
});

describe('AWS Verified Access', () => {
  const it = () => product('awsVerifiedAccess');

  test('knows the end and the issuer from the header', async () => {
    const token = await it().simulator.token();
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['exp']));
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['iss']));
    expect(await presentAs(it(), token)).toBe(200);
  });

  test.each([
    [
      'of another instance',
      { signer: 'arn:aws:ec2:eu-west-1:123456789012:verified-access-instance/vai-1' },
      '401 claim_invalid',
    ],
    ['of nobody', { signer: undefined }, '401 claim_invalid'],
    ['of another algorithm', { alg: 'ES256' }, '401 algorithm_not_allowed'],
    ['without an end', { exp: undefined }, '401 claim_missing'],
    ['that has ended', { exp: inSeconds(-120) }, '401 token_expired'],
    ['without an issuer', { iss: undefined }, '401 claim_missing'],
  ])('refuses a token %s', async (_title, header, expected) => {
    expect(await presentAs(it(), await it().simulator.token({}, { header }))).toBe(expected);
  });

  test('knows people of IAM Identity Center, whose issuer is an ARN', async () => {
    const issuer = 'arn:aws:ec2:eu-west-1:123456789012:verified-access-trust-provider/vatp-1';
    const simulator = await wafSimulators.awsVerifiedAccess({ issuer });
    afterThisTest(() => simulator.close());
    const method = wafPresets.awsVerifiedAccess(simulator.options);
    expect((await sendTo(method, [simulator.header, await simulator.token()])).principal).toMatchObject({
      subject: 'f478d4c8',
      username: 'ann',
      email: 'ann@example.com',
      emailVerified: false,
    });
  });
});
