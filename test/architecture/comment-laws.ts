import ts from 'typescript';
import { lineOf, type Source, violation, walk } from './source.js';

/** First words of a comment that refer to something outside it, which an editor's hover does not show. */
const OPENING = /^(?:The same|Those|What of|Whom|Whose)\b/;

/** Start and first text of each comment: of a block, or of a run of lines that begin with `//`. */
const COMMENT = /\/\*+[\s*]*(?<block>[^\n]*)|^(?<before>[^\n]*?)\/\/ (?<line>[^\n]*)/gm;

/** Comments that begin by leaning on another sentence: "The same …", "Those …", "Whom …". */
export function openingViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const { text } = source.ast;
    return [...text.matchAll(COMMENT)].flatMap(({ 0: found, index, groups = {} }) => {
      const previous = text.slice(0, index).split('\n').at(-2) ?? '';
      // A line of a comment that has begun above it.
      if (groups.line !== undefined && groups.before?.trim() === '' && /^\s*\/\/ /.test(previous)) return [];
      const [words] = OPENING.exec(groups.block ?? groups.line ?? '') ?? [];
      const end = source.ast.getLineAndCharacterOfPosition(index + found.length).line + 1;
      return words === undefined ? [] : [violation(source, end, `a comment begins with "${words}"`)];
    });
  });
}

/** A tag that is in the middle of a line, where editors do not read it, or that does not name the class of the error. */
const THROWS = /^(?<before>[^\n]*?)@throws(?<named> \{\w+\})?/gm;

/** Tags `@throws` that do not begin a line of their own with the class of the error: `@throws {AuthError} when …`. */
export function throwsViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const { text } = source.ast;
    return [...text.matchAll(THROWS)].flatMap(({ index, groups = {} }) => {
      const line = source.ast.getLineAndCharacterOfPosition(index).line + 1;
      if (groups.before?.trim() !== '*') return [violation(source, line, '@throws does not begin a line')];
      return groups.named === undefined
        ? [violation(source, line, '@throws does not name the class of the error')]
        : [];
    });
  });
}

const OPTIONS = /(?:Options|Settings)$/;

/** `a?: never` forbids a member in one part of a union, and has no default. */
function isForbidden({ type }: ts.PropertySignature): boolean {
  if (type === undefined) return false;
  const parts = ts.isUnionTypeNode(type) ? type.types : [type];
  return parts.every(({ kind }) => kind === ts.SyntaxKind.NeverKeyword || kind === ts.SyntaxKind.UndefinedKeyword);
}

function hasDefault(member: ts.Node): boolean {
  return ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'default');
}

/** Optional members of types named `…Options` or `…Settings` whose doc comment has no `@default`. */
export function defaultViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    const visitMembers = (owner: string, declaration: ts.Node) =>
      walk(declaration, (node) => {
        if (!ts.isPropertySignature(node) || node.questionToken === undefined) return;
        if (isForbidden(node) || hasDefault(node)) return;
        found.push(
          violation(source, lineOf(source, node), `${owner}.${node.name.getText(source.ast)} has no @default`),
        );
      });
    walk(source.ast, (node) => {
      if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return;
      if (OPTIONS.test(node.name.text)) visitMembers(node.name.text, node);
    });
    return found;
  });
}
