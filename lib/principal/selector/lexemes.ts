import type { Fail } from './syntax.js';

/** Lexical unit of a selector. A `path` is one word, or several with dots between them. */
export interface Lexeme {
  readonly kind: 'path' | 'number' | 'string' | 'symbol' | 'end';
  /** Its text; that of a string without quotes and escapes. */
  readonly text: string;
  readonly position: number;
}

const SPACE = /[ \t\r\n]+/y;
const FORMS: readonly (readonly [kind: 'path' | 'number' | 'string' | 'symbol', form: RegExp])[] = [
  ['symbol', /==|!=|[()[\]]/y],
  ['path', /[A-Za-z][A-Za-z0-9_]*(?:\.(?:[A-Za-z][A-Za-z0-9_]*|[0-9]+))*/y],
  ['number', /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?=[ \t\r\n)]|$)/y],
  ['string', /`[^`]*`|"(?:[^"\\\r\n]|\\.)*"/y],
];

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  a: '\x07',
  b: '\b',
  '\\': '\\',
  '"': '"',
};

function take(form: RegExp, text: string, position: number): string | undefined {
  form.lastIndex = position;
  return form.exec(text)?.[0];
}

/** Decodes a string literal of Go: raw between backticks, with escapes between double quotes. */
function unquote(literal: string, position: number, fail: Fail): string {
  const inside = literal.slice(1, -1);
  if (literal.startsWith('`')) return inside;
  return inside.replace(
    /\\(?:u([0-9A-Fa-f]{4})|(.))/g,
    (sequence, hex: string | undefined, letter: string, at: number) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return (
        ESCAPES[letter] ?? fail(`does not know the escape ${sequence}; write \\\\, or use backticks`, position + at + 1)
      );
    },
  );
}

function lexemeAt(text: string, position: number, fail: Fail): { lexeme: Lexeme; next: number } {
  for (const [kind, form] of FORMS) {
    const found = take(form, text, position);
    if (found === undefined) continue;
    const content = kind === 'string' ? unquote(found, position, fail) : found;
    return { lexeme: { kind, text: content, position }, next: position + found.length };
  }
  const first = text.charAt(position);
  if (first === '"' || first === '`') return fail('has a string that does not end', position);
  return fail('has a character that is only possible inside quotes', position);
}

/** Splits a selector into its lexemes; the last one is `end`. */
export function lexemesOf(text: string, fail: Fail): Lexeme[] {
  const lexemes: Lexeme[] = [];
  const skipSpace = (position: number) => position + (take(SPACE, text, position)?.length ?? 0);
  for (let position = skipSpace(0); position < text.length; ) {
    const { lexeme, next } = lexemeAt(text, position, fail);
    lexemes.push(lexeme);
    position = skipSpace(next);
  }
  return [...lexemes, { kind: 'end', text: '', position: text.length }];
}
