// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates here are ours, not the language's.
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '../../lib/index.js';
import {
  type BindingIdentity,
  compileRoleBindings,
  mappedNames,
  type RoleBinding,
} from '../../lib/principal/role-bindings.js';

const MAPPED = mappedNames({
  attributes: { team: 'team', region: 'region', 'odd-name': 'odd' },
  lists: { groups: 'groups' },
});

function identity(
  attributes: Record<string, string>,
  groups: readonly string[] = [],
  claims: BindingIdentity['claims'] = {},
): BindingIdentity {
  return { attributes, listAttributes: { groups }, claims };
}

const rolesFor = (bindings: readonly RoleBinding[], who: BindingIdentity) =>
  compileRoleBindings('oidcBearer.roleBindings', bindings, MAPPED)(who);

const blue = identity({ team: 'blue', region: '' }, ['ops'], { realm: 'eu' });

describe('role bindings', () => {
  test('give the roles of all that match, each once, in their order', () => {
    const bindings = [
      { when: 'value.team == blue', role: 'painter' },
      { when: 'ops in list.groups', role: 'team-${value.team}' },
      { when: 'value.team == red', role: 'firefighter' },
      { when: ({ claims }: BindingIdentity) => claims.realm === 'eu', role: 'european' },
      { when: 'value.team != red', role: 'painter' },
    ];
    expect(rolesFor(bindings, blue)).toEqual(['painter', 'team-blue', 'european']);
  });

  test('apply to everybody where no condition stands, as in Consul', () => {
    expect(rolesFor([{ role: 'a' }, { when: '', role: 'b' }], identity({}))).toEqual(['a', 'b']);
  });

  test('give nobody anything where there are none', () => {
    expect(rolesFor([], blue)).toEqual([]);
  });

  test.each([
    ['${value.team}', 'blue'],
    ['a-${value.team}-b-${value.team}', 'a-blue-b-blue'],
    ['${ value.team }', 'blue'],
    ['plain {value.team} $value', 'plain {value.team} $value'],
    ['$${value.team}', '$blue'],
  ])('put values into %s', (role, expected) => {
    expect(rolesFor([{ role }], blue)).toEqual([expected]);
  });

  test('put in what the claim says and nothing more: no case is changed, and nothing is expanded twice', () => {
    expect(rolesFor([{ role: 'team-${value.team}' }], identity({ team: 'Blue ${value.region}' }))).toEqual([
      'team-Blue ${value.region}',
    ]);
    expect(rolesFor([{ role: 'x-${value.odd-name}' }], identity({ 'odd-name': 'o' }))).toEqual(['x-o']);
  });

  test.each([
    ['missing', identity({})],
    ['empty', identity({ team: '' })],
  ])('make no half-empty name of a value that is %s', (_title, who) => {
    expect(rolesFor([{ role: 'team-${value.team}' }, { role: 'all' }], who)).toEqual(['all']);
  });

  test('take no value from what every object has', () => {
    const mapped = mappedNames({ attributes: { constructor: 'c' } });
    expect(compileRoleBindings('o', [{ role: '${value.constructor}' }], mapped)(identity({}))).toEqual([]);
  });

  test.each([
    ['says 1', () => 1 as unknown as boolean],
    ['says a text', () => 'true' as unknown as boolean],
    ['says nothing', () => undefined as unknown as boolean],
  ])('do not match where a function %s', (_title, when) => {
    expect(rolesFor([{ when, role: 'admin' }, { role: 'all' }], blue)).toEqual(['all']);
  });
});

describe('a function that throws or answers later', () => {
  test.each([
    ['throws', () => (undefined as unknown as { x: boolean }).x],
    ['answers later', () => Promise.resolve(true) as unknown as boolean],
  ])('is a mistake of ours, and no role is given or withheld by it: it %s', (_what, when) => {
    expect(() => rolesFor([{ when, role: 'admin' }, { role: 'all' }], blue)).toThrow(
      expect.objectContaining({ status: 503, code: 'check_failed', cause: expect.any(TypeError) }),
    );
  });
});

describe('a binding that could not work is refused at creation:', () => {
  test.each([
    ['no array', { role: 'x' }, 'roleBindings: expects an array'],
    ['no object', ['x'], 'roleBindings[0]: expects an options object'],
    ['no role', [{ when: 'value.team == x' }], 'roleBindings[0].role'],
    ['an empty role', [{ role: '' }], 'roleBindings[0].role'],
    ['a misspelt name', [{ role: 'x' }, { whn: '', role: 'x' }], 'roleBindings[1].whn'],
    ['a condition of another type', [{ when: true, role: 'x' }], 'roleBindings[0].when'],
    ['a condition that is null', [{ when: null, role: 'x' }], 'roleBindings[0].when'],
    ['an asynchronous condition', [{ when: async () => true, role: 'x' }], 'roleBindings[0].when'],
    ['a selector of spaces', [{ when: ' ', role: 'x' }], 'roleBindings[0].when'],
    ['a selector with a mistake', [{ when: 'value.team = x', role: 'x' }], 'position 12'],
    ['a selector over what is not mapped', [{ when: 'value.tema == x', role: 'x' }], 'value.tema'],
    ['a role of what is not mapped', [{ role: '${value.tema}' }], 'value.tema'],
    ['a role of a list', [{ role: '${list.groups}' }], 'list.groups'],
    ['a role of something else', [{ role: '${team}' }], '${team}'],
    ['a role of nothing', [{ role: 'x${}' }], '${}'],
    ['a role whose brace stays open', [{ role: 'x${value.team' }], 'roleBindings[0].role'],
  ])('%s', (_title, bindings, problem) => {
    const create = () =>
      compileRoleBindings('oidcBearer.roleBindings', bindings as unknown as readonly RoleBinding[], MAPPED);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(problem);
  });
});
