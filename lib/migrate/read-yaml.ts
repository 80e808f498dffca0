import type { Document, LineCounter, ParsedNode, YAMLError } from 'yaml';
import { ConfigurationError } from '../errors/configuration-error.js';
import { isPlainRecord } from '../tokens/strict-json.js';

async function loadYaml(option: string): Promise<typeof import('yaml')> {
  try {
    return await import('yaml');
  } catch (cause) {
    throw new ConfigurationError(
      option,
      'YAML text needs the package yaml: npm install yaml (JSON text and parsed objects do without it)',
      { cause },
    );
  }
}

/** Marks of a template, which is no YAML before a tool has rendered it. */
const TEMPLATE = /\{\{|\{%|<%/;

/** The name of a field, as long as it is one; what else stands in the place of a name may be a secret. */
function keyAt(text: string, start: number): string {
  const [name] = /^[a-z_]{1,64}(?=\s*:)/i.exec(text.slice(start, start + 80)) ?? [];
  return name === undefined ? 'a key' : `"${name}"`;
}

/** Words what the parser found wrong. Its own messages quote the text, secrets included. */
function problemOf(text: string, { code, pos }: YAMLError, counter: LineCounter): string {
  const [start] = pos;
  const at = `(line ${counter.linePos(start).line})`;
  switch (code) {
    case 'DUPLICATE_KEY':
      return `the YAML text gives ${keyAt(text, start)} twice in one mapping ${at}`;
    case 'TAG_RESOLVE_FAILED':
      return `the YAML text holds a tag that no tool has resolved, such as !vault or !env ${at}`;
    default:
      return TEMPLATE.test(text)
        ? `the text is a template that no tool has rendered ({{ … }}, {% … %} or <% … %>), so it is no YAML ${at}`
        : `the text is neither JSON nor YAML ${at}`;
  }
}

function kindOf(document: Document.Parsed<ParsedNode>): string | undefined {
  const value: unknown = document.toJS();
  return isPlainRecord(value) && typeof value.kind === 'string' && 'apiVersion' in value ? value.kind : undefined;
}

/** The one document of a text; empty ones around it count for nothing. */
function onlyDocument(
  option: string,
  documents: readonly Document.Parsed<ParsedNode>[],
): Document.Parsed<ParsedNode> | undefined {
  const [first, ...others] = documents.filter((document) => (document.toJS() ?? null) !== null);
  if (first === undefined || others.length === 0) return first;
  const kind = [first, ...others].map(kindOf).find((found) => found !== undefined);
  throw new ConfigurationError(
    option,
    kind === undefined
      ? `the text holds ${others.length + 1} YAML documents; give them one at a time, or merge them (deck file merge)`
      : `the text holds Kubernetes manifests (kind ${kind}), and only the system's own configuration is read; for ` +
          "Kong's ingress controller, deck gateway dump writes it from the running gateway",
  );
}

/**
 * Parses YAML 1.1, as the systems that are migrated from read it: `yes` and `no` are booleans, `<<` merges. Dates
 * stay texts.
 * @throws {ConfigurationError} as a rejection, that names the line and quotes no value.
 */
export async function parseYaml(option: string, text: string): Promise<unknown> {
  const { LineCounter, parseAllDocuments } = await loadYaml(option);
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
    lineCounter,
    prettyErrors: false,
    logLevel: 'error',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const problem = documents.flatMap(({ errors, warnings }) => [
    ...errors,
    ...warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED'),
  ])[0];
  if (problem !== undefined) throw new ConfigurationError(option, problemOf(text, problem, lineCounter));
  try {
    return onlyDocument(option, documents)?.toJS() ?? null;
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new ConfigurationError(option, 'the YAML text has aliases that unfold to too much, or that name nothing');
  }
}
