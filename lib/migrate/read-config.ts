import { ConfigurationError } from '../errors/configuration-error.js';

async function loadYaml(factory: string): Promise<typeof import('yaml')> {
  try {
    return await import('yaml');
  } catch (cause) {
    throw new ConfigurationError(
      factory,
      'YAML text needs the package yaml: npm install yaml (JSON text and parsed objects do without it)',
      { cause },
    );
  }
}

/**
 * YAML 1.1, as the systems we migrate from read it: `yes` and `no` are booleans, `<<` merges. Dates stay texts.
 * The parser's own messages quote the text, secrets included, so none of them is passed on.
 */
async function parseYaml(factory: string, text: string): Promise<unknown> {
  const { LineCounter, parse, YAMLParseError } = await loadYaml(factory);
  const lineCounter = new LineCounter();
  try {
    return parse(text, {
      version: '1.1',
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
      lineCounter,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (thrown) {
    const where = thrown instanceof YAMLParseError ? ` (line ${lineCounter.linePos(thrown.pos[0]).line})` : '';
    throw new ConfigurationError(factory, `the text is neither JSON nor YAML${where}`);
  }
}

/** The parsed form of a configuration that is given as a value, as its text, or as the bytes of it. @throws ConfigurationError */
export async function readConfig(factory: string, config: unknown): Promise<unknown> {
  // What `readFile` gives where nobody named an encoding.
  const text = config instanceof Uint8Array ? Buffer.from(config).toString('utf8') : config;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return parseYaml(factory, text);
  }
}
