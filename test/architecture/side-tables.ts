import ts from 'typescript';
import { lineOf, type Source, violation, walk } from './source.js';

/**
 * Every table in `lib/` that is keyed by an object, with its reason. Data travels in values; what stands beside them is
 * known to no compiler, and lost wherever somebody copies the value.
 */
const SIDE_TABLES: Readonly<Record<string, string>> = {
  // On the way of a request.
  'lib/pipeline/request-record.ts Given': 'a request is not ours to write on, but for req.principal',
  'lib/principal/user-identity.ts proven':
    'an application must not be able to build a principal that links an identity',
  'lib/methods/basic-grant/basic-grant.ts renamed': 'a known token has one result, which is renamed once',
  // What follows from records that cannot change.
  'lib/consumers/find-consumer-credential.ts validated': 'a frozen record of a store is checked once',
  'lib/consumers/credential-key.ts importedKeys': 'the key of a credential is imported once',
  'lib/principal/principal.ts frozenConsumers': 'a record that is frozen all the way down is not walked again',
  'lib/migrate/kong/consumers/kong-credential-key.ts decodedKeys':
    'the key that Kong reads out of a credential is made once',
  'lib/issuers/issuer-answer.ts identities': 'an agent in the options of a tenant cannot be compared by what is in it',
  'lib/users/store-reach.ts reaching': 'methods over one store decide about one set of people, whoever made them',
  // At creation, and where something went wrong.
  'lib/errors/warnings.ts warned': 'a warning about one function or source is given once',
  'lib/tokens/find-token.ts getterPlaces': 'one function given to two methods is one place',
};

function nameOf(node: ts.Node): string {
  const owner = ts.findAncestor(node, (one) => ts.isVariableDeclaration(one) || ts.isPropertyDeclaration(one));
  const named = owner as ts.VariableDeclaration | ts.PropertyDeclaration | undefined;
  return named?.name.getText() ?? '(unnamed)';
}

const isWeak = (node: ts.Node) => ts.isNewExpression(node) && /^Weak(Map|Set)$/.test(node.expression.getText());

/** The class whose constructor answers with an object of its caller's, to give it a private field: a table as well. */
function stampingClass(node: ts.Node): string | undefined {
  if (!ts.isReturnStatement(node) || node.expression === undefined) return undefined;
  const owner = ts.findAncestor(node, ts.isFunctionLike);
  return owner !== undefined && ts.isConstructorDeclaration(owner)
    ? (owner.parent.name?.text ?? '(unnamed)')
    : undefined;
}

/** Tables without a reason. */
export function sideTableViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.ast, (node) => {
      const name = isWeak(node) ? nameOf(node) : stampingClass(node);
      if (name !== undefined && !Object.hasOwn(SIDE_TABLES, `${source.path} ${name}`))
        found.push(violation(source, lineOf(source, node), `${name} is a side table without a reason`));
    });
    return found;
  });
}

/** Reasons without a table. */
export function staleSideTables(sources: readonly Source[]): string[] {
  const texts = new Map(sources.map(({ path, ast }) => [path, ast.text]));
  return Object.keys(SIDE_TABLES).filter((entry) => {
    const [path = '', name] = entry.split(' ');
    return !new RegExp(`\\b(${name} = new Weak(Map|Set)\\b|class ${name}\\b)`).test(texts.get(path) ?? '');
  });
}
