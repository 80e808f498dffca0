import { describe, expect, test } from '@jest/globals';
import type { OidcPresetName } from '../../lib/index.js';
import { loosePreset, present, type TestProvider, testProvider } from './oidc-providers.js';

/** What is promised of a preset. */
export interface ProviderPromises {
  /** What it makes of a person. */
  readonly person?: object;
  /** What it makes of a program. */
  readonly program?: object;
  /** Name of the source of its keys, where the application names none. */
  readonly keys: string;
  /** Refusals that differ from the usual ones. */
  readonly refusals?: Readonly<Record<string, string>>;
  /** What is refused at creation: a name, the options that are different, and what the message says. */
  readonly wrong: readonly (readonly [title: string, options: object, message: RegExp])[];
}

const USUAL_REFUSALS = {
  signature: '401 signature_invalid',
  issuer: '401 issuer_unknown',
  audience: '401 audience_mismatch',
  'past-expiration': '401 token_expired',
};

function refuses(provider: TestProvider, refusals: ProviderPromises['refusals']): void {
  test('refuses a forged token, and those of another issuer, for others, and of yesterday', async () => {
    const refused = Object.fromEntries(
      await Promise.all(
        (['signature', 'issuer', 'audience', 'past-expiration'] as const).map(async (fault) => {
          const { verdict } = await provider.ask(provider.simulator.token({}, { fault }));
          return [fault, verdict];
        }),
      ),
    );
    expect(refused).toEqual({ ...USUAL_REFUSALS, ...refusals });
  });
}

function configures(name: OidcPresetName, provider: TestProvider, { wrong, keys }: ProviderPromises): void {
  test('fetches keys from where the provider has them', () => {
    const { jwksUri: _jwksUri, bundle: _bundle, ...own } = provider.simulator.options;
    const method = loosePreset(name)(own);
    expect(method.health()[0]?.source).toBe(keys);
    return method.close();
  });

  test('says which of its options is missing', () => {
    expect(() => loosePreset(name)({})).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(() => loosePreset(name)({})).toThrow(new RegExp(`^oidcPresets\\.${name}\\b`));
  });

  test.each([...wrong])('refuses %s at creation', (_title, options, message) => {
    expect(() => provider.preset({ ...options })).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(() => provider.preset({ ...options })).toThrow(message);
  });
}

/** Tests what every preset promises, and returns the provider for tests of its own. */
export function promise(
  name: OidcPresetName,
  promises: ProviderPromises,
  own: Record<string, unknown> = {},
): TestProvider {
  const provider = testProvider(name, own);
  const { person, program, refusals } = promises;
  describe(name, () => {
    if (person !== undefined)
      test('takes a person’s token, and registers the person', async () => {
        const { simulator, ask, register } = provider;
        const token = await simulator.token();
        expect(await ask(token)).toMatchObject({
          verdict: '200',
          principal: { type: 'user', method: name, ...person },
        });
        expect(await register(token)).toMatchObject({ verdict: '200', principal: { type: 'user', created: true } });
      });
    if (program !== undefined)
      test('takes a program’s token for a client, and registers nobody', async () => {
        const { simulator, ask, register } = provider;
        const token = await simulator.token({}, { as: 'program' });
        expect(await ask(token)).toMatchObject({ verdict: '200', principal: { type: 'client', ...program } });
        const { principal } = await register(token);
        expect(principal).toMatchObject({ type: 'client' });
        expect(principal).not.toHaveProperty('user');
      });
    refuses(provider, refusals);
    configures(name, provider, promises);
    test('takes the options of oidcBearer, which win, and adds claims and validators', async () => {
      const { simulator, preset } = provider;
      const token = await simulator.token({ nickname: 'annie', aud: 'https://other.example.com' });
      const options = {
        name: 'own',
        audience: 'https://other.example.com',
        claims: { attributes: { nick: 'nickname' } },
      };
      const { principal, verdict } = await present(preset(options), token);
      expect([verdict, principal?.method, principal?.attributes.nick]).toEqual(['200', 'own', 'annie']);
      const refused = await present(preset({ ...options, validators: () => false }), token);
      expect(refused.verdict).toBe('401 claim_invalid');
    });
  });
  return provider;
}
