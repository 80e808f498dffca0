import { ConfigurationError } from '../errors/configuration-error.js';

/** One way in which files write "a tool puts the value here". */
interface Notation {
  /** Form that refusals show; the text of the file is never quoted, because it might be a secret after all. */
  readonly shown: string;
  readonly form: RegExp;
}

/**
 * Notations that no real value uses, wherever in a text they stand. The order counts: the first that fits is named.
 * Each form asks for both ends, so that random characters of a password hardly ever fit.
 */
const ANYWHERE: readonly Notation[] = [
  { shown: '$' + '{{ … }}', form: /\$\{\{[^}]*\}\}/ },
  { shown: '{{ … }}', form: /\{\{[^}]*\}\}/ },
  { shown: '$' + '{…}', form: /\$\{\s*[A-Za-z_!#@~.][^{}]*\}/ },
  { shown: '<% … %>', form: /<%[^%]*%>/ },
  { shown: '{% … %}', form: /\{%[^%]*%\}/ },
  { shown: '%{…}', form: /%\{[^{}]+\}/ },
  { shown: '#{…}', form: /#\{[^{}]+\}/ },
  { shown: '$(…)', form: /\$\([A-Za-z_][^()]*\)/ },
  { shown: '{vault://…}', form: /\{[a-z][a-z0-9+.-]*:\/\/[^{}]*\}/i },
  { shown: '{env…}', form: /\{(?:env|file|secret|aws|gcp|config)[.:[][^{}]*\}/i },
  { shown: '{$…}', form: /\{\$[A-Za-z_][^{}]*\}/ },
  { shown: '__…__', form: /__[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*__/ },
  { shown: '%(…)s', form: /%\([A-Za-z_]\w*\)s/ },
  { shown: '$[…]', form: /\$\[[A-Z_][A-Z0-9_]+\]/ },
  { shown: '%%…%%', form: /%%[A-Za-z_][\w.-]*%%/ },
  { shown: '@@…@@', form: /@@[A-Za-z_][\w.-]*@@/ },
  { shown: '$__file{…}', form: /\$__[a-z]+\{[^{}]*\}/i },
];

/** Notations that are one only where they are the whole text, because parts of real values look like them. */
const WHOLE: readonly Notation[] = [
  { shown: '$NAME', form: /^\$[A-Za-z_]\w*$/ },
  { shown: '%NAME%', form: /^%[A-Za-z_]\w{2,}%$/ },
  { shown: '@NAME@', form: /^@[A-Za-z_][\w.-]*@$/ },
  { shown: '__NAME__', form: /^__\w[\w.-]*__$/ },
  { shown: '{NAME}', form: /^\{[A-Z][A-Z0-9_]*\}$/ },
  { shown: '[[ … ]]', form: /^\[\[\s*[\w.-]+\s*\]\]$/ },
  { shown: '((…))', form: /^\(\([\w./!:-]+\)\)$/ },
  { shown: '<…>', form: /^<{1,2}[^<>]+>{1,2}$/ },
  { shown: '@format …', form: /^@(?:format|jinja|env|get)\s/i },
  { shown: '@Microsoft.KeyVault(…)', form: /^@Microsoft\.KeyVault\(/i },
  { shown: 'ref+…://', form: /^ref\+[a-z0-9]+:\/\//i },
  {
    shown: '…://',
    form: /^(?:op|vault|bws?|keeper|doppler|infisical|akeyless|conjur|sops|env|file|secret|ssm|sm|kms|berglas|k8s)s?:\/\//i,
  },
  { shown: '…secret…://', form: /^[a-z0-9+-]*(?:secret|vault|awssm|awsps|awskms|gcpsm|gcpkms|ssm)[a-z0-9+-]*:\/\//i },
  { shown: '…:…', form: /^(?:vault|env|secret|ssm|op|keyvault|sops):[\w./-]+(?:#[\w./-]+)?$/i },
  { shown: '!ENV …', form: /^!(?:env|vault|secret|sub|ref|getatt|include|file|var)\b[\s_-]*\S/i },
  { shown: '~NAME~', form: /^~{1,2}[A-Za-z_][\w.-]*~{1,2}$/ },
  { shown: 'arn:aws:secretsmanager:…', form: /^arn:aws[\w-]*:(?:secretsmanager|ssm):/ },
  { shown: 'projects/…/secrets/…', form: /^projects\/[^/]+\/secrets\/[^/]+(?:\/versions\/[^/]+)?$/ },
  { shown: 'process.env', form: /^(?:process\.env\b|os\.(?:environ|getenv)\b|System\.getenv\b|ENV\[|getenv\()/ },
  { shown: 'ENC[…]', form: /^ENC(?:\[|\().*[\])]$/s },
  { shown: '{cipher}…', form: /^\{(?:cipher|encrypted|enc)\}/i },
  { shown: '$ANSIBLE_VAULT', form: /^\$ANSIBLE_VAULT;/ },
  { shown: 'an encrypted message', form: /^-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)-----/ },
];

/** A variable of a shell or a name in angle brackets as a part of an address, where no real address has one. */
const IN_ADDRESSES: readonly Notation[] = [
  { shown: '$NAME', form: /\$[A-Za-z_]\w*/ },
  { shown: '<…>', form: /<[^<>]+>/ },
  { shown: '@NAME@', form: /@[A-Z][A-Z0-9_]+@/ },
];
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|\$[A-Z_][A-Z0-9_]*[/:.])/i;

/** Texts that people write where a secret belongs, and never mean as one. */
const STAND_IN =
  /^[[(<*_\s-]*(?:change|replace|insert|fill|update|set|put|enter)[-_ ]?(?:me|this|it|in|here|your)\b.*$|^(?:(?:change|replace)[-_ ]?(?:me|this|it)[-_ .!]*)+$|^[[(<*_\s-]*(?:redacted|masked|hidden|removed|omitted|sanitized|placeholder|todo|tbd|fixme|none|null|undefined|dummy|changeit)[\])>*_\s:-]*$|^your[-_ ].*$|^[x*•.#?]{3,}$/i;
const SECRET_PATHS =
  /(?:secret|password|passphrase|private_?key|api_?key|client_jwk\[\d+\]\.[dk]|keyauth_credentials\w*\[\d+\]\.key)$/i;

/** Plugins whose settings hold code or templates of their own, so that braces mean something else there. */
const TEMPLATED =
  /^(?:pre-function|post-function|exit-transformer|jq|datakit|request-callout|mocking)$|transformer|^ai-/;

/** Exceptions from the search for placeholders. */
export interface PlaceholderRules {
  /** Texts in which `${…}` belongs to the system's own language, by their path; their readers check them. */
  readonly skips?: (path: string) => boolean;
}

/** Whether a text stands for a secret; an item of a list does so where the list does. */
function isSecret(path: string): boolean {
  return SECRET_PATHS.test(path.replace(/(?:\[\d+\])+$/, ''));
}

/** Names the address or prefix that a text begins with, which is no part of a secret. */
function shownOf({ shown }: Notation, text: string): string {
  const [prefix = ''] = /^[a-z0-9+-]{1,32}:(?:\/\/)?/i.exec(text) ?? [];
  return shown === '…://' || shown === '…:…' ? `${prefix.toLowerCase()}…` : shown;
}

function notationIn(text: string): string | undefined {
  const trimmed = text.trim();
  const found =
    ANYWHERE.find(({ form }) => form.test(text)) ??
    WHOLE.find(({ form }) => form.test(trimmed)) ??
    (ADDRESS.test(trimmed) ? IN_ADDRESSES.find(({ form }) => form.test(trimmed)) : undefined);
  return found === undefined ? undefined : shownOf(found, trimmed);
}

function unreplaced(path: string, notation: string): ConfigurationError {
  return new ConfigurationError(
    path,
    `holds a placeholder (${notation}) that no tool has replaced; render the file first, and give what comes out`,
  );
}

function assertText(path: string, text: string, { skips }: PlaceholderRules): void {
  if (skips?.(path) === true) return;
  const notation = notationIn(text);
  if (notation !== undefined) throw unreplaced(path, notation);
  if (isSecret(path) && STAND_IN.test(text))
    throw new ConfigurationError(path, 'holds a text that stands in for a secret, which everybody can guess');
}

/** Names are looked at like texts; and an unquoted `{{ x }}` is a mapping to YAML, whose only name is a mapping. */
function assertName(path: string, name: string, rules: PlaceholderRules): void {
  if (/^\{.*\}$/s.test(name)) throw unreplaced(path, '{{ … }}');
  assertText(`${path}.${name}`, name, rules);
}

function isTemplated(value: object): boolean {
  const { name } = value as { name?: unknown };
  return typeof name === 'string' && 'config' in value && TEMPLATED.test(name);
}

type Entry = readonly [path: string, value: unknown];

/** Lists the members of a list or a record, each with its path; names of a record are looked at here. */
function entriesOf(path: string, value: object, rules: PlaceholderRules): Entry[] {
  if (Array.isArray(value)) return value.map((item: unknown, index): Entry => [`${path}[${index}]`, item]);
  if (ArrayBuffer.isView(value)) return [];
  const skipped = isTemplated(value) ? 'config' : undefined;
  return Object.entries(value).flatMap(([name, member]): Entry[] => {
    if (name === skipped) return [];
    assertName(path, name, rules);
    return [[`${path}.${name}`, member]];
  });
}

/**
 * Refuses a configuration that holds a placeholder in any of its texts. Whatever stands in a file under version
 * control is no secret: taken as one, it would let every reader of the file sign tokens.
 * @throws {ConfigurationError} with the path of the text, which is not quoted.
 */
export function assertNoPlaceholders(option: string, config: unknown, rules: PlaceholderRules = {}): void {
  const seen = new Set<object>();
  const waiting: Entry[] = [[option, config]];
  for (const [path, value] of waiting) {
    if (typeof value === 'string') assertText(path, value, rules);
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    waiting.push(...entriesOf(path, value, rules));
  }
}
