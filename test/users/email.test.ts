import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryUsers } from '../../lib/index.js';
import { isAllowedDomain, normalizeEmail } from '../../lib/users/email.js';
import { accessToken, present } from '../helpers/oidc-door.js';
import { otherDoor, otherToken, policy, staffDoor, verified } from '../helpers/people.js';

const LONG = 'a'.repeat(64);
const domainOf = (length: number) => `${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(length - 128)}`;

describe('an address has one form:', () => {
  test.each<[address: string, form: string]>([
    ['alice@example.com', 'alice@example.com'],
    ['ALICE@EXAMPLE.COM', 'alice@example.com'],
    ['alice+tag@example.com', 'alice+tag@example.com'],
    ['a.l.i.c.e@example.com', 'a.l.i.c.e@example.com'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['{a|b}~!#$%&*/=?^_`-@example.com', '{a|b}~!#$%&*/=?^_`-@example.com'],
    ['alice@b\u00fccher.example', 'alice@xn--bcher-kva.example'],
    ['alice@B\u00dcCHER.example', 'alice@xn--bcher-kva.example'],
    ['alice@XN--BCHER-KVA.example', 'alice@xn--bcher-kva.example'],
    ['alice@fa\u00df.example', 'alice@xn--fa-hia.example'],
    ['alice@localhost', 'alice@localhost'],
    ['alice@3com.example', 'alice@3com.example'],
    [`${LONG}@${domainOf(189)}`, `${LONG}@${domainOf(189)}`],
  ])('%s', (address, form) => {
    expect(normalizeEmail(address)?.normalized).toBe(form);
  });
});

describe('no address is', () => {
  test.each<[what: string, address: unknown]>([
    ['a missing one', undefined],
    ['null', null],
    ['a number', 7],
    ['a list', ['alice@example.com']],
    ['an object', { toString: () => 'alice@example.com' }],
    ['an empty text', ''],
    ['a name', 'alice'],
    ['one without a local part', '@example.com'],
    ['one without a domain', 'alice@'],
    ['two in one claim', 'alice@example.com,mallory@evil.org'],
    ['two with a space', 'alice@example.com mallory@evil.org'],
    ['one with two at-signs', 'alice@evil.org@example.com'],
    ['a full-width at-sign', 'alice\uff20example.com'],
    ['a full-width at-sign beside a real one', 'alice@evil.org\uff20example.com'],
    ['a small at-sign', 'alice\ufe6bexample.com'],
    ['a quoted local part', '"alice@evil.org"@example.com'],
    ['a quoted space', '"a b"@example.com'],
    ['a display name', 'Alice <alice@example.com>'],
    ['a comment', 'alice(boss)@example.com'],
    ['a backslash', 'alice\\@example.com'],
    ['a space before', ' alice@example.com'],
    ['a line break after', 'alice@example.com\n'],
    ['a NUL', 'alice\0@example.com'],
    ['a NUL in the domain', 'alice@example.com\0.evil.org'],
    ['a KELVIN SIGN in the local part', '\u212aate@example.com'],
    ['a KELVIN SIGN in the domain', 'kate@\u212aong.example'],
    ['a dotless i', 'al\u0131ce@example.com'],
    ['a full-width letter', '\uff41lice@example.com'],
    ['a full-width letter in the domain', 'alice@\uff45xample.com'],
    ['a full-width dot in the domain', 'alice@example\uff0ecom'],
    ['an ideographic dot in the domain', 'alice@example\u3002com'],
    ['a soft hyphen in the domain', 'alice@exam\u00adple.com'],
    ['a zero-width space in the domain', 'alice@exam\u200bple.com'],
    ['a decomposed letter in the domain', 'alice@bu\u0308cher.example'],
    ['a letter of another script in the local part', '\u0430lice@example.com'],
    ['a percent-encoded domain', 'alice@example%2ecom'],
    ['an address of a machine', 'alice@127.1'],
    ['an address of a machine in brackets', 'alice@[127.0.0.1]'],
    ['a domain with an empty label', 'alice@example..com'],
    ['a domain with a dot at its end', 'alice@example.com.'],
    ['a domain with a dot in front', 'alice@.example.com'],
    ['a domain with a hyphen in front', 'alice@-example.com'],
    ['a domain with an underscore', 'alice@exa_mple.com'],
    ['a domain with a port', 'alice@example.com:25'],
    ['a domain with a path', 'alice@example.com/x'],
    ['more than 254 characters', `${LONG}@${domainOf(190)}`],
    ['more than 254 characters in ASCII', `${LONG}@${`${'\u00fc'.repeat(24)}.`.repeat(6)}example`],
  ])('%s', (_what, address) => {
    expect(normalizeEmail(address)).toBeUndefined();
  });
});

describe('whatever is written', () => {
  const part = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...'aZ09.+-_@ ,"<\\'),
      fc.constantFrom('\u212a', '\uff20', '\u00fc', '\u00ad', '\u0130'),
    ),
    maxLength: 12,
  });
  const address = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.tuple(part, part).map(([local, domain]) => `${local}@${domain}`),
    fc.emailAddress(),
  );

  test('the form of a form is the form', () => {
    fc.assert(
      fc.property(address, (written) => {
        const email = normalizeEmail(written);
        expect(email === undefined || normalizeEmail(email.normalized)).toEqual(email ?? true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a form is ASCII, lower case, has one at-sign and at most 254 characters', () => {
    fc.assert(
      fc.property(address, (written) => {
        const { normalized = 'a@b', domain = 'b' } = normalizeEmail(written) ?? {};
        expect(normalized).toMatch(/^[\x21-\x3f\x5b-\x7e]+@[a-z0-9.-]+$/);
        expect([normalized.length <= 254, normalized.endsWith(`@${domain}`)]).toEqual([true, true]);
      }),
      { numRuns: 2000 },
    );
  });

  test('only case tells two writings of one ASCII address apart', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (written) => {
        expect(normalizeEmail(written.toUpperCase())).toEqual(normalizeEmail(written));
        expect(normalizeEmail(written)?.normalized ?? written.toLowerCase()).toBe(written.toLowerCase());
      }),
    );
  });

  test('a domain is on a list only by its own labels', () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), (one, other) => {
        expect(isAllowedDomain(`x${one}`, [one, `*.${one}`])).toBe(false);
        expect(isAllowedDomain(`x.${one}`, [`*.${one}`])).toBe(true);
        expect(isAllowedDomain(`${one}.${other}`, [one])).toBe(false);
      }),
    );
  });
});

describe('over HTTP', () => {
  test.each<[what: string, address: string]>([
    ['two addresses in one claim', 'mallory@evil.org,alice@example.com'],
    ['a KELVIN SIGN', '\u212aate@example.com'],
    ['a full-width at-sign', 'kate\uff20example.com'],
    ['a quoted part', '"kate"@example.com'],
  ])('%s ties nobody to anybody, verified or not', async (_what, address) => {
    const users = policy({ store: memoryUsers() });
    for (const sub of ['kate', 'alice'])
      await present(staffDoor(users), accessToken(verified(`${sub}@example.com`, { sub })));
    const { status, principal } = await present(otherDoor(users), otherToken(verified(address, { sub: 'mallory' })));
    expect([status, principal.created]).toEqual([200, true]);
    expect(principal.user).toMatchObject({ unverifiedEmail: address });
    expect(principal.user).not.toHaveProperty('email');
  });
});
