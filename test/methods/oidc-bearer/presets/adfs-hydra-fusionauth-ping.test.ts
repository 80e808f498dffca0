import { describe, expect, test } from '@jest/globals';
import { mintToken } from '../../../../lib/testing/index.js';
import { promise } from '../../../helpers/oidc-provider-promises.js';
import { loosePreset } from '../../../helpers/oidc-providers.js';

const hydra = promise(
  'hydra',
  {
    person: {
      id: 'https://hydra.example.com/|ann-4711',
      email: 'ann@example.com',
      groups: ['ops'],
      scopes: ['openid', 'read'],
    },
    program: { id: 'machine', scopes: ['jobs'] },
    keys: 'https://hydra.example.com/',
    wrong: [
      ['an issuer that is not set', { issuer: '' }, /oidcPresets\.hydra\.issuer.*environment variable/],
      [
        'its document',
        { issuer: 'https://hydra.example.com/.well-known/openid-configuration', jwksUri: undefined },
        /document/,
      ],
    ],
  },
  { audience: 'https://api.acme.com' },
);

describe('Hydra', () => {
  test('takes a token for nobody where no audience is asked for', async () => {
    expect((await hydra.ask(hydra.simulator.token({ aud: [] }), { audience: undefined })).verdict).toBe('200');
    expect((await hydra.ask(hydra.simulator.token({ aud: [] }))).verdict).toBe('401 audience_mismatch');
  });

  test('refuses an ID token also where no audience is asked for, and says why a token is opaque', async () => {
    const id = await hydra.ask(hydra.simulator.token({}, { as: 'id-token' }), { audience: undefined });
    expect(id).toMatchObject({ verdict: '401 claim_invalid', hint: expect.stringMatching(/ID token/) });
    const opaque = await hydra.ask('ory_at_abc.def');
    expect(opaque).toMatchObject({
      verdict: '401 token_malformed',
      hint: expect.stringMatching(/strategy.*introspection/),
    });
  });
});

const fusionAuth = promise('fusionAuth', {
  person: {
    id: 'acme.com|00000000-0000-0001-0000-000000000000',
    username: 'ann',
    email: 'ann@example.com',
    emailVerified: true,
    roles: ['editor'],
  },
  program: { type: 'client' },
  keys: 'https://acme.fusionauth.io/.well-known/jwks.json',
  wrong: [
    ['a bare host', { url: 'acme.fusionauth.io' }, /fusionAuth\.url.*write "https:\/\/acme\.fusionauth\.io"/],
    ['no issuer', { issuer: undefined }, /oidcPresets\.fusionAuth\.issuer/],
    ['a secret that is not set', { secret: '' }, /oidcPresets\.fusionAuth\.secret/],
  ],
});

describe('FusionAuth', () => {
  test('refuses ID tokens, and those of another application', async () => {
    expect((await fusionAuth.ask(fusionAuth.simulator.token({}, { as: 'id-token' }))).verdict).toBe(
      '401 claim_invalid',
    );
    expect((await fusionAuth.ask(fusionAuth.simulator.token({ tty: 'it' }))).verdict).toBe('401 claim_invalid');
    const other = await fusionAuth.ask(fusionAuth.simulator.token({ applicationId: 'another' }));
    expect(other.verdict).toBe('401 claim_invalid');
  });

  test('takes HS256 by the secret alone, and hints at it', async () => {
    const secret = 'a-secret-of-the-tenant-with-more-than-32-bytes';
    const aud = '3c219e58-ed0e-4b18-ad48-f4f92793ae32';
    const token = await mintToken({ iss: 'acme.com', aud, sub: 'ann', applicationId: aud }, { secret });
    expect(await fusionAuth.ask(token)).toMatchObject({
      verdict: '401 algorithm_not_allowed',
      hint: expect.stringMatching(/secret/),
    });
    expect((await fusionAuth.ask(token, { secret })).verdict).toBe('200');
  });
});

const ping = promise('ping', {
  person: { id: 'https://auth.pingone.eu/4711/as|ann-4711', scopes: ['openid', 'orders:read'] },
  program: { id: 'machine' },
  keys: 'https://auth.pingone.eu/4711/as',
  wrong: [
    ['no issuer at all', { issuer: undefined }, /oidcPresets\.ping\.issuer/],
    ['no audience at all', { audience: undefined }, /oidcPresets\.ping\.audience/],
    ['an issuer without a name', { issuer: null }, /oidcPresets\.ping\.as.*required/],
    ['a name beside an issuer', { as: 'pf' }, /oidcPresets\.ping\.as/],
  ],
});

describe('Ping', () => {
  const federate = {
    issuer: null,
    as: 'pf',
    audience: null,
    claims: { subject: 'Username', username: 'Username' },
  };

  test('takes the tokens of PingFederate, which name no issuer', async () => {
    const none = { iss: undefined, aud: undefined, sub: undefined, sid: undefined };
    const person = await ping.ask(ping.simulator.token({ ...none, Username: 'ann' }), federate);
    expect(person).toMatchObject({ verdict: '200', principal: { type: 'user', id: 'pf|ann', username: 'ann' } });
    const program = await ping.ask(ping.simulator.token({ ...none, scope: ['jobs'] }), federate);
    expect(program).toMatchObject({ verdict: '200', principal: { type: 'client', id: 'web', scopes: ['jobs'] } });
  });

  test('refuses an ID token, and says what a token without an issuer needs', async () => {
    expect((await ping.ask(ping.simulator.token({}, { as: 'id-token' }))).verdict).toBe('401 audience_mismatch');
    const nameless = await ping.ask(ping.simulator.token({ iss: undefined }));
    expect(nameless).toMatchObject({
      verdict: '401 claim_missing',
      hint: expect.stringMatching(/issuer: null with as/),
    });
  });
});

const adfs = promise('adfs', {
  person: {
    id: 'http://adfs.acme.com/adfs/services/trust|ann@acme.com',
    username: 'ACME\\ann',
    groups: ['Editors'],
    scopes: ['openid', 'orders.read'],
  },
  program: { id: 'daemon' },
  keys: 'https://adfs.acme.com/adfs',
  wrong: [
    ['a bare host', { url: 'adfs.acme.com' }, /adfs\.url.*write "https:\/\/adfs\.acme\.com"/],
    ['no audience', { audience: undefined }, /oidcPresets\.adfs\.audience/],
  ],
});

describe('AD FS', () => {
  test('knows either form of its issuer, and hints at a third', async () => {
    const iss = 'https://adfs.acme.com/adfs/services/trust';
    expect((await adfs.ask(adfs.simulator.token({ iss }))).principal?.issuer).toBe(
      'http://adfs.acme.com/adfs/services/trust',
    );
    const other = await adfs.ask(adfs.simulator.token({ iss: 'http://sts.acme.com/adfs/services/trust' }));
    expect(other).toMatchObject({ verdict: '401 issuer_unknown', hint: expect.stringMatching(/access_token_issuer/) });
  });

  test('takes the address with or without its path', () => {
    const make = loosePreset('adfs');
    for (const url of ['https://adfs.acme.com', 'https://adfs.acme.com/', 'https://adfs.acme.com/adfs'])
      expect(() => make({ url, audience: 'api' })).not.toThrow();
  });
});
