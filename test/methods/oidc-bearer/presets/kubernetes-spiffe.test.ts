import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { promise } from '../../../helpers/oidc-provider-promises.js';

const kubernetes = promise('kubernetes', {
  program: {
    id: 'system:serviceaccount:default:web',
    issuer: 'https://kubernetes.default.svc.cluster.local',
    attributes: { namespace: 'default', pod: 'web-5d8c', node: 'node-1' },
  },
  keys: 'https://kubernetes.default.svc/openid/v1/jwks',
  wrong: [
    ['no account', { serviceAccounts: [] }, /kubernetes\.serviceAccounts.*empty list/],
    ['a name without its namespace', { serviceAccounts: ['web'] }, /"namespace\/name".*this is "web"/],
    ['the subject', { serviceAccounts: ['system:serviceaccount:default:web'] }, /write "default\/web"/],
    ['a pattern', { serviceAccounts: ['default/*'] }, /without patterns/],
    ['no audience', { audience: undefined }, /oidcPresets\.kubernetes\.audience/],
  ],
});

describe('Kubernetes', () => {
  test('refuses another service account, and says so', async () => {
    for (const sub of ['system:serviceaccount:default:other', 'system:serviceaccount:kube-system:web', 'default/web']) {
      const { verdict, hint } = await kubernetes.ask(kubernetes.simulator.token({ sub }));
      expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/serviceAccounts/)]);
    }
  });

  test('knows the old issuer beside the new one', async () => {
    const issuer = ['https://new.example.com', 'https://kubernetes.default.svc.cluster.local'];
    const { principal } = await kubernetes.ask(kubernetes.simulator.token(), { issuer });
    expect(principal?.issuer).toBe('https://new.example.com');
  });

  test('discovers the keys of a cluster in the cloud', () => {
    const method = kubernetes.preset({ issuer: 'https://oidc.eks.example.com/id/1', jwksUri: undefined });
    expect(method.health()[0]?.source).toBe('https://oidc.eks.example.com/id/1');
  });

  test('says what keys need inside the cluster, where there is no cluster', async () => {
    const { verdict, hint } = await kubernetes.ask(kubernetes.simulator.token(), { jwksUri: undefined });
    expect(verdict).toBe('503 keys_unavailable');
    expect(hint).toMatch(/system:service-account-issuer-discovery.*jwksUri/);
  });
});

const spiffe = promise('spiffe', {
  program: { id: 'spiffe://example.org/web', issuer: 'https://oidc.spire.example' },
  keys: 'https://oidc.spire.example',
  wrong: [
    ['no ids at all', { ids: undefined }, /spiffe\.ids.*"\*" for the whole trust domain/],
    ['an empty list', { ids: [] }, /spiffe\.ids.*empty list/],
    ['an id of another trust domain', { ids: ['spiffe://evil.org/web'] }, /below spiffe:\/\/example\.org\//],
    ['a pattern', { ids: ['/web/*'] }, /without patterns/],
    ['an id for the trust domain', { trustDomain: 'spiffe://example.org/web' }, /write "example\.org"/],
    ['both bundle and issuer', { bundle: '/run/bundle.json' }, /spiffe\.bundle.*contradicts issuer/],
    ['neither', { issuer: undefined }, /spiffe\.bundle.*required, or issuer/],
  ],
});

describe('SPIFFE', () => {
  const bundleOf = async () => {
    const answer = await fetch(spiffe.simulator.options.jwksUri);
    const { keys } = (await answer.json()) as { keys: object[] };
    const own = keys.map((key) => ({ ...key, use: 'jwt-svid' }));
    const path = join(tmpdir(), `sallyport-bundle-${process.pid}.json`);
    await writeFile(path, JSON.stringify({ keys: [...own, { ...keys[0], kid: 'x509', use: 'x509-svid' }] }));
    return { bundle: path, issuer: undefined, jwksUri: undefined };
  };

  test('refuses a workload that is not listed, and takes all of them only where that is said', async () => {
    const sub = 'spiffe://example.org/other';
    const { verdict, hint } = await spiffe.ask(spiffe.simulator.token({ sub }));
    expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/ids/)]);
    expect((await spiffe.ask(spiffe.simulator.token({ sub }), { ids: '*' })).verdict).toBe('200');
    expect((await spiffe.ask(spiffe.simulator.token({ sub: 'spiffe://evil.org/web' }), { ids: '*' })).verdict).toBe(
      '401 claim_invalid',
    );
  });

  test('takes tokens by the bundle of the trust domain, with any issuer or none', async () => {
    const options = await bundleOf();
    for (const iss of [undefined, 'https://spire.example.org']) {
      const { verdict, principal } = await spiffe.ask(spiffe.simulator.token({ iss }), options);
      expect([verdict, principal?.id, principal?.issuer]).toEqual([
        '200',
        'spiffe://example.org/web',
        'spiffe://example.org',
      ]);
    }
  });

  test('refuses, by the bundle, another trust domain and the keys of another use', async () => {
    const options = await bundleOf();
    const other = await spiffe.ask(spiffe.simulator.token({ sub: 'spiffe://evil.org/web' }), options);
    expect(other).toMatchObject({ verdict: '401 issuer_unknown', expected: ['spiffe://example.org'] });
    const x509 = await spiffe.ask(spiffe.simulator.token({}, { header: { kid: 'x509' } }), options);
    expect(x509.verdict).toBe('401 key_not_found');
    expect((await spiffe.ask(spiffe.simulator.token({ sub: undefined }), options)).verdict).toBe('401 issuer_unknown');
  });

  test('says that a bundle cannot be read', async () => {
    const options = { bundle: '/nowhere/bundle.json', issuer: undefined, jwksUri: undefined };
    expect((await spiffe.ask(spiffe.simulator.token(), options)).verdict).toBe('503 keys_unavailable');
  });
});
