import { ConfigurationError } from '../../errors/configuration-error.js';

/** Members of a Consul object by their documented spelling; null and missing ones are left out. */
export type Fields<Name extends string> = Partial<Record<Name, unknown>>;

function membersOf(option: string, value: unknown): [name: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError(option, 'expects an object');
  }
  return Object.entries(value);
}

/**
 * Reads an object as Consul's decoders do: names match whatever their case (`JWKSUrl` is `JWKSURL`).
 * @throws {ConfigurationError} "has invalid keys" for unknown names, and for one name in two spellings.
 */
export function readFields<Name extends string>(option: string, value: unknown, known: readonly Name[]): Fields<Name> {
  const spellings = new Map(known.map((name) => [name.toLowerCase(), name] as const));
  const fields: Fields<Name> = {};
  const invalid: string[] = [];
  const seen = new Set<Name>();
  for (const [given, content] of membersOf(option, value)) {
    const name = spellings.get(given.toLowerCase());
    if (name === undefined) invalid.push(given);
    else if (seen.has(name)) throw new ConfigurationError(option, `gives ${name} twice, in two spellings`);
    else {
      seen.add(name);
      if (content !== null && content !== undefined) fields[name] = content;
    }
  }
  if (invalid.length > 0) throw new ConfigurationError(option, `has invalid keys: ${invalid.join(', ')}`);
  return fields;
}

/** Reads one text. Numbers count as texts, as in Consul's weakly typed decoding; a missing value is the empty text. */
export function readText(option: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new ConfigurationError(option, 'expects a string');
}

/** Reads a list of texts; a single one is a list of one. */
export function readTexts(option: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [readText(option, value)];
  return value.map((item: unknown, index) => readText(`${option}[${index}]`, item));
}

/** Reads texts by name. These names are the user's own, so their case counts. */
export function readTextMap(option: string, value: unknown): (readonly [name: string, text: string])[] {
  if (value === undefined) return [];
  return membersOf(option, value).map(([name, text]) => [name, readText(`${option}.${name}`, text)] as const);
}
