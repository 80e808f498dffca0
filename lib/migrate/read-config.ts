import { ConfigurationError } from '../errors/configuration-error.js';
import { described, isThenable } from '../options/described.js';
import { isPlainRecord } from '../tokens/strict-json.js';
import { assertNoPlaceholders, type PlaceholderRules } from './placeholders.js';
import { parseYaml } from './read-yaml.js';

/** Whether JSON text gives one member of an object twice; parsers keep the last one without a word. */
function hasDuplicates(text: string): boolean {
  const scopes: (Set<string> | undefined)[] = [];
  const lexeme = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  for (const [found, colon] of text.matchAll(lexeme)) {
    if (found === '{') scopes.push(new Set());
    else if (found === '[') scopes.push(undefined);
    else if (found === '}' || found === ']') scopes.pop();
    else if (colon !== undefined) {
      const name = String(JSON.parse(found.slice(0, -colon.length)));
      const names = scopes.at(-1);
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
  }
  return false;
}

function parseJson(option: string, text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (hasDuplicates(text)) throw new ConfigurationError(option, 'the JSON text gives one member of an object twice');
  return value;
}

/** Refuses a file that is written for another tool by that tool's name, before its fields are "unknown". */
function assertNoManifest(option: string, config: unknown): void {
  if (!isPlainRecord(config)) return;
  const { apiVersion, kind, resources } = config;
  if (typeof kind === 'string' && (typeof apiVersion === 'string' || /^Kong/.test(kind)))
    throw new ConfigurationError(
      option,
      `is a Kubernetes manifest (kind ${kind}), and only the system's own configuration is read; for Kong's ingress ` +
        'controller, deck gateway dump writes it from the running gateway',
    );
  if (apiVersion === undefined && Array.isArray(resources) && 'apiVersion' in Object(resources[0]))
    throw new ConfigurationError(option, 'is a list of Kubernetes manifests');
}

/**
 * Refuses what only leads to a configuration: a Promise, a path or address, another object.
 *
 * @throws {ConfigurationError} when it is not.
 */
function assertContent(option: string, given: unknown): void {
  const isPath = typeof given === 'string' && /^[^\s{[:]*\.(?:ya?ml|json|hcl|conf)$/.test(given);
  if (isPath || given instanceof URL)
    throw new ConfigurationError(
      option,
      "is where the configuration stands; give what stands there: readFileSync(path, 'utf8')",
    );
  if (isThenable(given)) throw new ConfigurationError(option, 'is a Promise: await it first');
  if (given === undefined)
    throw new ConfigurationError(
      option,
      `expects the configuration, as an object or as text, and this is ${described(given)}`,
    );
}

/**
 * Reads a configuration that is given as a value, as JSON or YAML text, or as the bytes of such a text, and refuses
 * what no reader should take: members that are given twice, manifests of Kubernetes, and placeholders.
 * @throws {ConfigurationError} as a rejection, when the configuration is malformed.
 */
export async function readConfig(option: string, config: unknown, rules?: PlaceholderRules): Promise<unknown> {
  // What `readFile` gives where nobody named an encoding.
  const given = config instanceof Uint8Array ? Buffer.from(config).toString('utf8') : config;
  const text = typeof given === 'string' ? given.replace(/^\uFEFF/, '') : undefined;
  const isJson = text !== undefined && /^\s*[[{]/.test(text) && canParseJson(text);
  assertContent(option, given);
  const value = text === undefined ? given : isJson ? parseJson(option, text) : await parseYaml(option, text);
  assertNoManifest(option, value);
  assertNoPlaceholders(option, value, rules);
  return value;
}

function canParseJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
