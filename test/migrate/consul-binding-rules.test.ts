// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates here are Consul's, not the language's.
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { requireRoles } from '../../lib/index.js';
import { fromConsul } from '../../lib/migrate/index.js';
import { authMethod, consulRefusal, consulVerdict, corpToken, presentTo, presentToConsul } from '../helpers/consul.js';
import { app } from '../helpers/servers.js';

const DENIED = '403 insufficient_role';
const CONFIG = {
  ClaimMappings: { team: 'team', '/mail/address': 'mail' },
  ListClaimMappings: { groups: 'groups' },
};

type Rule = Record<string, unknown>;

const withRules = (...rules: Rule[]) => authMethod(CONFIG, { BindingRules: rules });
const role = (name: string, selector?: string): Rule => ({ BindType: 'role', BindName: name, Selector: selector });

async function rolesFor(rules: Rule[], claims: object = {}): Promise<readonly string[] | string> {
  const { status, code, principal } = await presentToConsul(withRules(...rules), corpToken({ ...claims }));
  return status === 200 ? principal.roles : `${status} ${code}`;
}

describe('binding rules', () => {
  test('all that match apply, each role once', async () => {
    const rules = [
      role('a', 'value.team == "blue"'),
      role('b', 'ops in list.groups'),
      role('c', 'value.team == red'),
      role('a'),
    ];
    expect(await rolesFor(rules, { team: 'blue', groups: ['ops'] })).toEqual(['a', 'b']);
  });

  test.each([
    ['none matches', [role('a', 'value.team == red')], { team: 'blue' }],
    ['there are none', [], {}],
    ['all are for another auth method', [{ ...role('a'), AuthMethod: 'other' }], {}],
  ])('refuse the login with 403 where %s', async (_what, rules, claims) => {
    expect(await rolesFor(rules, claims)).toBe(DENIED);
  });

  test('a rule without a selector is for everybody', async () => {
    expect(await rolesFor([role('everybody', '')])).toEqual(['everybody']);
  });

  test.each(['value.team != red', 'value.team not matches red', 'red not in value.team', 'value.team matches `.*`'])(
    '%s does not match who has no team',
    async (selector) => {
      expect(await rolesFor([role('a', selector)])).toBe(DENIED);
    },
  );

  test.each([
    ['value.tema == blue', 'value.tema'],
    ['value.tema matches `.*`', 'value.tema'],
    ['value.tema != blue or red in list.gruops', 'value.tema', 'list.gruops'],
    ['tema in value', 'value.tema'],
  ])('%s loads, as in Consul, with a warning, and matches nobody', async (selector, ...names) => {
    const rules = withRules(role('a', selector));
    expect((await fromConsul(rules)).warnings).toEqual(
      names.map((name) => `fromConsul.BindingRules[0].Selector asks for ${name}, which no claim is mapped to.`),
    );
    expect(await rolesFor([role('a', selector)], { tema: 'blue', gruops: ['red'] })).toBe(DENIED);
  });

  test('a bad token is 401, whatever the rules say', async () => {
    expect(await consulVerdict(withRules(role('a')), corpToken({ iss: 'x' }))).toBe('401 issuer_unknown');
    expect(await consulVerdict(withRules(), `${corpToken().slice(0, -8)}AAAAAAAA`)).toBe('401 signature_invalid');
  });

  test('give the roles that the guards ask for', async () => {
    const { methods } = await fromConsul(withRules(role('admin', 'ops in list.groups'), role('reader')));
    const api = app(...methods, requireRoles('admin'));
    const get = (claims: object) =>
      request(api)
        .get('/')
        .set('Authorization', `Bearer ${corpToken({ ...claims })}`);
    expect((await get({ groups: ['ops'] })).status).toBe(200);
    expect((await get({ groups: ['dev'], roles: ['admin'] })).body).toMatchObject({
      status: 403,
      code: 'insufficient_role',
    });
  });

  test('of another auth method are left out, and a warning says so', async () => {
    const { methods, warnings } = await fromConsul(
      withRules({ ...role('own'), AuthMethod: 'corp' }, { ...role('foreign'), AuthMethod: 'other' }),
    );
    expect((await presentTo(methods, corpToken())).principal.roles).toEqual(['own']);
    expect(warnings).toEqual(['1 of the BindingRules are for another auth method, and left out.']);
  });

  test.each([
    ['are missing, and everybody who verifies is let in', undefined, /^No BindingRules were given/, 200],
    ['are empty, and nobody is let in', [], /^No binding rule is left/, DENIED],
  ])('%s: a warning says so', async (_what, rules, warning, expected) => {
    const config = authMethod(CONFIG, { BindingRules: rules });
    expect((await fromConsul(config)).warnings).toEqual([expect.stringMatching(warning)]);
    expect(await consulVerdict(config, corpToken())).toBe(expected);
  });
});

describe('BindType', () => {
  test.each([
    ['role', 'Web-Admins', 'Web-Admins'],
    ['service', 'web', 'service:web'],
    ['node', 'node-7', 'node:node-7'],
    ['policy', 'Global_read', 'policy:Global_read'],
    ['templated-policy', 'builtin/nomad-server', 'templated-policy:builtin/nomad-server'],
  ])('%s becomes a role', async (BindType, BindName, expected) => {
    expect(await rolesFor([{ BindType, BindName }])).toEqual([expected]);
  });

  test('templated-policy takes its variable along', async () => {
    const rule = { BindType: 'templated-policy', BindName: 'builtin/service', BindVars: { Name: 'web-${value.team}' } };
    expect(await rolesFor([rule], { team: 'Blue' })).toEqual(['templated-policy:builtin/service:web-blue']);
  });
});

describe('BindName', () => {
  test.each([
    ['takes mapped values, in lower case', 'team-${value.team}', { team: 'Blue' }, ['team-blue']],
    ['takes spaces around them', 'team-${ value.team }', { team: 'blue' }, ['team-blue']],
    ['takes several', '${value.team}-${value.mail}', { team: 'a', mail: { address: 'b' } }, ['a-b']],
    ['is not given where the value is missing', 'team-${value.team}', {}, DENIED],
    ['is not given where the value is empty', 'team-${value.team}', { team: '' }, DENIED],
    ['refuses the login where the name is impossible', '${value.mail}', { mail: { address: 'a@b' } }, DENIED],
    ['refuses the login where the name is too long', '${value.team}', { team: 'x'.repeat(257) }, DENIED],
    ['refuses a letter that only looks like ours in lower case', '${value.team}', { team: '\u212Aing' }, DENIED],
    ['refuses to be pushed into another kind', '${value.team}', { team: 'policy:global' }, DENIED],
  ])('%s', async (_what, name, claims, expected) => {
    expect(await rolesFor([role(name)], claims)).toEqual(expected);
  });

  test('that is impossible refuses the login, though another rule matches', async () => {
    expect(await rolesFor([role('a'), role('${value.team}')], { team: 'no/name' })).toBe(DENIED);
  });

  test('that is not given leaves the other rules alone', async () => {
    expect(await rolesFor([role('a'), role('${value.team}')])).toEqual(['a']);
  });

  test('of a service must begin and end as a service does', async () => {
    const rule = { BindType: 'service', BindName: 'web-${value.team}' };
    expect(await rolesFor([rule], { team: 'blue' })).toEqual(['service:web-blue']);
    expect(await rolesFor([rule], { team: 'blue-' })).toBe(DENIED);
  });
});

describe('refuses, when the rules are read,', () => {
  test.each([
    ['a selector that does not parse', role('a', 'value.team ='), 'invalid Binding Rule: Selector is invalid'],
    ['an operator that a list does not have', role('a', 'list.groups == ops'), 'Selector is invalid'],
    ['an unknown type', { BindType: 'group', BindName: 'a' }, 'invalid Binding Rule: unknown BindType "group"'],
    ['a type from the prototype', { BindType: 'constructor', BindName: 'a' }, 'unknown BindType'],
    ['no type', { BindName: 'a' }, 'unknown BindType ""'],
    ['no name', { BindType: 'role' }, 'invalid Binding Rule: no BindName is set'],
    ['a name that is impossible', role('a b'), 'invalid Binding Rule'],
    ['a name with braces that mean nothing', role('{{ value.team }}'), 'invalid Binding Rule'],
    ['a service in upper case', { BindType: 'service', BindName: 'Web' }, 'invalid Binding Rule'],
    ['a variable that is not mapped', role('${value.tema}'), 'value.tema'],
    ['a list in a name', role('${list.groups}'), 'list.groups'],
    ['a brace that does not close', role('${value.team'), 'without its }'],
    ['an empty variable', role('a-${}'), 'BindName'],
    ['BindVars beside another type', { ...role('a'), BindVars: { Name: 'x' } }, 'BindVars'],
    ['an unknown field', { ...role('a'), Selectr: 'x' }, 'has invalid keys: Selectr'],
  ])('%s', async (_what, rule, reason) => {
    expect(await consulRefusal(withRules(rule))).toContain(reason);
  });

  test.each([{}, 'x', 7])('what is no list: %j', async (rules) => {
    expect(await consulRefusal(authMethod(CONFIG, { BindingRules: rules }))).toContain('BindingRules');
  });
});
