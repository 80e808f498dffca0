// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders that nobody replaced are the subject.
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '../../lib/index.js';
import { fromConduktor, fromConsul, fromKong, fromZitadel } from '../../lib/migrate/index.js';
import { authMethod } from '../helpers/consul.js';
import { JSMITH } from '../helpers/kong.js';

/** Why a migration is refused; `undefined` if it loads. */
async function refusal(migrating: Promise<unknown>): Promise<string | undefined> {
  const thrown: unknown = await migrating.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown !== undefined && !(thrown instanceof ConfigurationError)) throw thrown;
  return thrown?.message;
}

const kongSecret = (secret: string, more: object = {}) =>
  fromKong({
    consumers: [{ username: 'a', jwt_secrets: [{ key: 'k', secret }] }],
    plugins: [{ name: 'jwt' }],
    ...more,
  });

const NOTATIONS = [
  ['decK', '${{ env "DECK_JWT_SECRET" }}'],
  ['decK, single quotes', "${{ env 'DECK_JWT_SECRET' }}"],
  ['decK, backticks', '${{ env `DECK_JWT_SECRET` }}'],
  ['decK, no spaces', '${{env "DECK_JWT_SECRET"}}'],
  ['decK inside a longer text', 'prefix-${{ env "DECK_JWT_SECRET" }}-suffix'],
  ['GitHub Actions', '${{ secrets.JWT_SECRET }}'],
  ['envsubst', '${JWT_SECRET}'],
  ['Compose with a default', '${JWT_SECRET:-none}'],
  ['Compose, required', '${JWT_SECRET:?not set}'],
  ['a variable of a shell', '$JWT_SECRET'],
  ['Terraform', '${var.jwt_secret}'],
  ['Terraform, a resource', '${random_password.jwt["kong"].result}'],
  ['CloudFormation', '${AWS::StackName}'],
  ['Serverless', '${ssm:/kong/jwt~true}'],
  ['Helm', '{{ .Values.jwt.secret }}'],
  ['Helm, quoted', '{{ .Values.jwt.secret | quote }}'],
  ['Go templates with env', '{{ env "JWT_SECRET" }}'],
  ['consul-template', '{{ with secret "kv/jwt" }}{{ .Data.secret }}{{ end }}'],
  ['Jinja', "{{ lookup('env', 'JWT_SECRET') }}"],
  ['Jinja statements', '{% if prod %}x{% endif %}'],
  ['Mustache', '{{{jwtSecret}}}'],
  ['ERB', "<%= ENV['JWT_SECRET'] %>"],
  ['EJS', '<%- process.env.JWT_SECRET %>'],
  ['Logstash and Apache', '%{JWT_SECRET}'],
  ['Apache with env', '%{ENV:JWT_SECRET}'],
  ['a variable of Windows', '%JWT_SECRET%'],
  ['Azure DevOps tokens', '#{JWT_SECRET}#'],
  ['Octopus', '#{Kong.Jwt.Secret}'],
  ['Azure DevOps variables', '$(JWT_SECRET)'],
  ['command substitution', '$(cat /run/secrets/jwt)'],
  ['Kong vault', '{vault://env/jwt-secret}'],
  ['Kong vault with a field', '{vault://aws/kong/jwt?ttl=60}'],
  ['Caddy', '{env.JWT_SECRET}'],
  ['Caddy, parse time', '{$JWT_SECRET}'],
  ['Dynaconf', '@format {env[JWT_SECRET]}'],
  ['Dynaconf, Jinja', '@jinja {{ env.JWT_SECRET }}'],
  ['double underscores', '__JWT_SECRET__'],
  ['Python', '%(jwt_secret)s'],
  ['square brackets', '$[JWT_SECRET]'],
  ['code of Node', 'process.env.JWT_SECRET'],
  ['code of Ruby', "ENV['JWT_SECRET']"],
  ['Berglas', 'sm://project/jwt-secret'],
  ['Chamber and others', 'ssm:/kong/jwt-secret'],
  ['Maven and Autoconf', '@JWT_SECRET@'],
  ['Concourse', '((jwt_secret))'],
  ['ytt and others', '[[ jwt_secret ]]'],
  ['1Password', 'op://kong/jwt/secret'],
  ['vals', 'ref+vault://kv/kong#/jwt'],
  ['vals with SOPS', 'ref+sops://secrets.yaml#/jwt'],
  ['bank-vaults', 'vault:secret/data/kong#jwt'],
  ['Argo CD vault plugin', '<path:secret/data/kong#jwt>'],
  ['AWS Secrets Manager', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:kong-jwt'],
  ['Google Secret Manager', 'projects/p/secrets/kong-jwt/versions/latest'],
  ['Azure Key Vault', '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/jwt)'],
  ['Spring Cloud Config', '{cipher}682bc583f4641835fa2db009355293665d2647dade3375c0ee201de2a49f7bda'],
  ['SOPS', 'ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:k=,type:str]'],
  ['Jasypt', 'ENC(G6N718UuyPE5bHyWKyuLQSm02auQPUtm)'],
  ['Ansible Vault', '$ANSIBLE_VAULT;1.1;AES256\n66386439653236336462626566653063\n'],
  ['a file', 'file:///run/secrets/jwt'],
  ['Grafana', '$__file{/run/secrets/jwt}'],
  ['a key service', 'kms://projects/p/jwt'],
  ['a tag as text', '!ENV JWT_SECRET'],
  ['tildes', '~JWT_SECRET~'],
  ['angle brackets', '<REDACTED>'],
  ['angle brackets in words', '<your secret here>'],
  ['single braces', '{JWT_SECRET}'],
] as const;

describe('a text that a tool should have replaced is refused by its path:', () => {
  test.each(NOTATIONS)('%s', async (_tool, text) => {
    const reason = await refusal(kongSecret(text));
    expect(reason).toMatch(/^fromKong\.consumers\[0\]\.jwt_secrets\[0\]\.secret: holds a placeholder \(/);
    expect(reason).not.toContain(text);
  });

  test.each([
    ['env://JWT_SECRET', 'env://…'],
    ['file:///run/secrets/jwt', 'file://…'],
    ['ssm:/kong/jwt-secret', 'ssm:…'],
    ['op://kong/jwt/secret', 'op://…'],
  ])('%s is named truly', async (text, shown) => {
    expect(await refusal(kongSecret(text))).toContain(`holds a placeholder (${shown})`);
  });

  test.each([
    ['REPLACE_MEREPLACE_MEREPLACE_ME', 'REPLACE_ME_REPLACE_ME', 'CHANGEMECHANGEMECHANGEMECHANGEME'],
    ['changeme', 'CHANGE_ME', 'change-me-please', 'replace_me', 'REDACTED', '[redacted]', '***', 'xxxxxxxx', 'TODO'],
    ['your-256-bit-secret', 'YOUR_SECRET_HERE', 'undefined', 'null', 'placeholder', '********************************'],
  ])('words that stand in for a secret', async (...words) => {
    for (const word of words)
      expect(await refusal(kongSecret(word))).toMatch(/jwt_secrets\[0\]\.secret: .*stands in for a secret/);
  });
});

describe('in every text of the file:', () => {
  const oidc = (config: object) => ({
    plugins: [{ name: 'openid-connect', config: { issuer: 'https://i.example', ...config } }],
  });
  const DECK = '${{ env "DECK_X" }}';

  test.each([
    [
      'consumers[0].jwt_secrets[0].key',
      { consumers: [{ username: 'a', jwt_secrets: [{ key: DECK, secret: 'x'.repeat(40) }] }] },
    ],
    ['consumers[0].username', { consumers: [{ username: DECK }] }],
    ['consumers[0].acls[0].group', { consumers: [{ username: 'a', acls: [{ group: DECK }] }] }],
    ['consumers[0].tags[0]', { consumers: [{ username: 'a', tags: [DECK] }] }],
    ['jwt_secrets[0].secret', { consumers: [JSMITH], jwt_secrets: [{ consumer: 'jsmith', key: 'k', secret: DECK }] }],
    ['plugins[0].config.issuer', oidc({ issuer: DECK })],
    ['plugins[0].config.client_secret[0]', oidc({ client_id: ['a'], client_secret: [DECK] })],
    ['plugins[0].config.audience_required[0]', oidc({ audience_required: [DECK] })],
    ['plugins[0].config.session_secret', oidc({ session_secret: '{vault://env/session}' })],
    ['plugins[0].config.redis.password', oidc({ redis: { password: '$REDIS_PASSWORD' } })],
    ['_plugin_configs.shared.realm', { _plugin_configs: { shared: { realm: DECK } } }],
    ['services[0].host', { services: [{ name: 's', host: '{{ .Values.host }}' }] }],
    ['services[0].url', { services: [{ name: 's', url: 'http://$UPSTREAM:8080/' }] }],
    ['services[0].url', { services: [{ name: 's', url: 'https://<tenant>.example/' }] }],
    ['keyauth_credentials[0].key', { keyauth_credentials: [{ consumer: 'a', key: 'changeme' }] }],
  ])('%s', async (path, config) => {
    expect(await refusal(fromKong(config))).toMatch(new RegExp(`^fromKong\\.${path.replace(/[[\].]/g, '\\$&')}: `));
  });

  test.each([
    ['fromConsul.Config.BoundIssuer', () => fromConsul(authMethod({ BoundIssuer: '${ISSUER}' }))],
    ['fromConsul.Config.BoundAudiences[0]', () => fromConsul(authMethod({ BoundAudiences: ['{{ .Audience }}'] }))],
    ['fromConsul.Config.JWTValidationPubKeys[0]', () => fromConsul(authMethod({ JWTValidationPubKeys: ['$PUBKEY'] }))],
    [
      'fromConsul.BindingRules[0].Selector',
      () =>
        fromConsul({
          ...authMethod(),
          BindingRules: [{ BindType: 'role', BindName: 'r', Selector: 'value.a != "${A}"' }],
        }),
    ],
    ['fromConduktor.sso.jwt-auth.issuer', () => fromConduktor({ sso: { 'jwt-auth': { issuer: 'https://${HOST}/' } } })],
    ['fromConduktor.CDK_SSO_JWTAUTH_ISSUER', () => fromConduktor({ CDK_SSO_JWTAUTH_ISSUER: '$ISSUER' })],
    ['fromConduktor.sso.jwt-auth.groups-claim', () => fromConduktor({ 'sso.jwt-auth.groups-claim': '{{ groups }}' })],
    ['fromZitadel.issuer', () => fromZitadel({ issuer: '${var.issuer}', name: 'x' })],
    ['fromZitadel.audience', () => fromZitadel({ issuer: 'https://i.example', audience: '%{AUDIENCE}' })],
  ])('%s', async (path, migrate) => {
    expect(await refusal(migrate())).toContain(`${path}: holds a placeholder`);
  });
});

describe('before YAML is read:', () => {
  const yaml = (value: string) =>
    `consumers:\n- username: a\n  jwt_secrets:\n  - key: k\n    secret: ${value}\nplugins: [{name: jwt}]\n`;

  test.each([
    ['Ansible’s !vault', '!vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6638643\n', 'tag that no tool has resolved'],
    ['!env', '!env JWT_SECRET', 'tag that no tool has resolved'],
    ['!Ref', '!Ref JwtSecret', 'tag that no tool has resolved'],
    ['!secret', '!secret jwt', 'tag that no tool has resolved'],
    ['unquoted Go templates', '{{ .Values.secret }}', 'consumers[0].jwt_secrets[0].secret: holds a placeholder'],
    ['unquoted decK', '${{ env "DECK_SECRET" }}', 'consumers[0].jwt_secrets[0].secret: holds a placeholder'],
    ['template lines', 'x\n{{- if .Values.jwt }}\nfoo: 1\n{{- end }}', 'a template that no tool has rendered'],
    ['Jinja lines', 'x\n{% for c in consumers %}\nfoo: 1', 'a template that no tool has rendered'],
  ])('%s', async (_what, value, reason) => {
    expect(await refusal(fromKong(yaml(value)))).toContain(reason);
  });
});

test('aliases that would unfold without end are refused', async () => {
  const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`;
  const bomb = level('a', 'x') + level('b', '*a') + level('c', '*b') + level('d', '*c') + level('e', '*d');
  expect(await refusal(fromKong(bomb))).toContain('aliases');
});

describe('real values pass:', () => {
  test.each([
    'e71829c351aa4242c2719cbfbe671c09',
    'Zm9vYmFyYmF6+/Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmE=',
    'a_b-c__d--e_f0123456789abcdefghijklmnop',
    '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW',
    '5$aX%q}{w#r@2!mZ(v)K<8>n&*^t~[L]|:;+=?,./',
    'p@ssw0rd$with#many%odd{chars}and<signs>0123',
    'correct horse battery staple correct horse',
    'd8Y$kL2{m}9#x@Q%w!e5^r&t*y(u)i_o+p-a=s~`f',
    '{"k":"v","n":[1,2,3]} as a passphrase 012345',
    'xX0xX1xX2xX3xX4xX5xX6xX7xX8xX9xX',
    'not-your-secret-but-a-long-text-of-mine-012',
  ])('%s', async (secret) => {
    const { warnings } = await kongSecret(secret);
    expect(warnings).toEqual([]);
  });

  test('random secrets of every printable character, of base64 and of hexadecimal', async () => {
    const printable = Array.from({ length: 95 }, (_none, index) => String.fromCharCode(32 + index)).join('');
    const alphabets = [printable, `${printable.replace(/[^A-Za-z0-9]/g, '')}+/`, '0123456789abcdef'];
    // A generator with a fixed start, so that the same texts are tried in every run.
    let state = 42;
    const next = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const texts = Array.from({ length: 3000 }, (_none, index) => {
      const alphabet = alphabets[index % alphabets.length] ?? printable;
      return Array.from({ length: 40 }, () => alphabet.charAt(next(alphabet.length))).join('');
    });
    const credentials = texts.map((secret, index) => ({ key: `k${index}`, secret }));
    const refused: string[] = [];
    for (const credential of credentials) {
      const reason = await refusal(
        fromKong({ consumers: [{ username: 'a', jwt_secrets: [credential] }], plugins: [{ name: 'jwt' }] }),
      );
      if (reason?.includes('placeholder') === true) refused.push(credential.secret);
    }
    expect(refused.length).toBeLessThanOrEqual(3);
  });

  test('what has a language of its own: Consul’s names, selectors with patterns, Kong’s templates and code', async () => {
    const rules = [{ BindType: 'role', BindName: 'team-${value.team}', Selector: 'value.team matches `^[a-z]{2,8}$`' }];
    const consul = authMethod(
      { ClaimMappings: { team: 'team' } },
      { BindingRules: rules, TokenNameFormat: '${auth_method_name}' },
    );
    expect(await refusal(fromConsul(consul))).toBeUndefined();
    const kong = {
      consumers: [JSMITH],
      plugins: [
        { name: 'jwt' },
        { name: 'request-transformer', config: { add: { headers: ['x-a:$(headers.b)', 'x-c:{{ d }}'] } } },
        { name: 'pre-function', config: { access: ['local t = {{1, 2}, {3}}'] } },
      ],
    };
    expect(await refusal(fromKong(kong))).toBeUndefined();
  });

  test('an environment with variables of others', async () => {
    const environment = {
      CDK_SSO_JWTAUTH_ISSUER: 'https://i.example',
      PS1: '${debian_chroot:+x}\\$ ',
      _: '{{x}}',
      CDK_X: '$Y',
    };
    expect(await refusal(fromConduktor(environment))).toBeUndefined();
  });
});
