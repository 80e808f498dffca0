import { Cursor } from './cursor.js';
import { lexemesOf } from './lexemes.js';
import { appliesTo, OPERATORS, type Operator } from './operators.js';
import type { Comparison, Expression, Fail, MappedNames, Target } from './syntax.js';

/** Deepest nesting of a selector, so that parsing cannot overflow the stack. */
const MAX_DEPTH = 50;

/** One side of an operator: an attribute, a value, or, as `team.blue`, a text that can be either. */
interface Operand {
  /** The names of an attribute's path; empty for a string or number, which can only be a value. */
  readonly path: readonly string[];
  readonly text: string;
  readonly position: number;
}

function parseOperand(cursor: Cursor): Operand {
  const { kind, text, position } = cursor.take();
  if (kind === 'string' || kind === 'number') return { path: [], text, position };
  if (kind !== 'path') return cursor.fail('expects an attribute or a value', position);
  const path = text.split('.');
  while (cursor.takeWords(['['])) {
    const index = cursor.take();
    if (index.kind !== 'string') cursor.fail('expects a quoted name between [ and ]', index.position);
    cursor.expect(']');
    path.push(index.text);
  }
  return { path, text: path.join('.'), position };
}

function targetOf({ path, position }: Operand, mapped: MappedNames, fail: Fail): Target {
  const [of, name, ...rest] = path;
  if ((of !== 'value' && of !== 'list') || rest.length > 0) {
    return fail('expects an attribute: value.<name> or list.<name>', position);
  }
  if (name === undefined) return { of };
  if (mapped[of].includes(name)) return { of, name };
  const option = of === 'value' ? 'attributes' : 'lists';
  return fail(`names ${of}.${name}, which claims.${option} does not map`, position);
}

function parseOperator(cursor: Cursor): Operator {
  const operator = OPERATORS.find(({ words }) => cursor.takeWords(words));
  return operator ?? cursor.fail('expects an operator such as ==, in or matches', cursor.next.position);
}

function parseComparison(cursor: Cursor, mapped: MappedNames): Comparison {
  const left = parseOperand(cursor);
  const { position } = cursor.next;
  const { test, negated, words, valueFirst = false } = parseOperator(cursor);
  const right = test === 'empty' ? undefined : parseOperand(cursor);
  const [attribute, value] = valueFirst && right !== undefined ? [right, left] : [left, right];
  const target = targetOf(attribute, mapped, cursor.fail);
  if (!appliesTo(test, target)) cursor.fail(`cannot ask "${words.join(' ')}" of ${attribute.text}`, position);
  const operand = value?.text ?? '';
  if (target.name === undefined && test === 'holds' && !mapped[target.of].includes(operand)) {
    cursor.fail(`asks ${target.of} for "${operand}", which is not mapped`, value?.position ?? position);
  }
  return { kind: 'comparison', target, test, negated, operand, position: value?.position ?? position };
}

function parseTerm(cursor: Cursor, mapped: MappedNames, depth: number): Expression {
  if (depth > MAX_DEPTH) cursor.fail('is nested too deeply', cursor.next.position);
  if (cursor.takeWords(['not'])) return { kind: 'not', term: parseTerm(cursor, mapped, depth + 1) };
  if (!cursor.takeWords(['('])) return parseComparison(cursor, mapped);
  const inside = parseChain('or', cursor, mapped, depth + 1);
  cursor.expect(')');
  return inside;
}

/** Parses terms with `or` or `and` between them. `or` binds weaker than `and`, and `and` weaker than `not`. */
function parseChain(kind: 'and' | 'or', cursor: Cursor, mapped: MappedNames, depth: number): Expression {
  const link = () => (kind === 'or' ? parseChain('and', cursor, mapped, depth) : parseTerm(cursor, mapped, depth));
  const first = link();
  const terms = [first];
  while (cursor.takeWords([kind])) terms.push(link());
  return terms.length === 1 ? first : { kind, terms };
}

/** Parses a selector in Consul's language, the grammar of go-bexpr. */
export function parseSelector(text: string, mapped: MappedNames, fail: Fail): Expression {
  const cursor = new Cursor(lexemesOf(text, fail), fail);
  const expression = parseChain('or', cursor, mapped, 0);
  const { kind, position } = cursor.next;
  if (kind !== 'end') fail('expects "and", "or" or its end', position);
  return expression;
}
