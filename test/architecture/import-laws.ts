import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Import, importsOf } from './imports.js';
import { BOTTOM, DOOR_FILES, methodFolderOf, ON_DEMAND, PACKAGES, ROOMS, roomOf } from './rooms.js';
import { linesOf, type Source, violation } from './source.js';

function roomProblem(from: string, { target, typeOnly }: Import): string | undefined {
  const to = roomOf(target);
  if (to === undefined) return `imports ${target}, which is in no room of lib`;
  if (to === from) return undefined;
  const { uses, types = [], only = {} } = ROOMS[from] ?? { uses: [] };
  if (only[to]?.includes(target) === false) return `${from} may import of ${to} only ${only[to].join(', ')}`;
  // The bottom rooms have an order of their own, which the table gives.
  if (uses.includes(to) || (BOTTOM.includes(to) && !BOTTOM.includes(from))) return undefined;
  if (!types.includes(to)) return `${from} may not import ${to} (${target})`;
  return typeOnly ? undefined : `${from} may import ${to} only as a type (${target})`;
}

function packageProblem(from: string, { target, typeOnly, called }: Import): string | undefined {
  if (isBuiltin(target)) return undefined;
  const name = /^(@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target;
  const rooms = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
  if (rooms === undefined) return `imports the package ${name}, which nobody decided on`;
  if (typeOnly) return undefined;
  if (!rooms.includes(from)) return `${from} may import ${name} only as a type`;
  return called || !ON_DEMAND.includes(name) ? undefined : `loads ${name} before anybody needs it`;
}

/** Imports against the tables of rooms and packages. */
export function importViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const room = roomOf(source.path);
    if (room === undefined) return [violation(source, 1, 'is in no room that the table knows')];
    return importsOf(source).flatMap((found) => {
      const inside = found.target.includes('/') && found.target.endsWith('.ts');
      const problem = inside ? roomProblem(room, found) : packageProblem(room, found);
      return problem === undefined ? [] : [violation(source, found.line, problem)];
    });
  });
}

/** What two auth methods share has a room of its own, below them: no method's folder knows another's. */
export function methodViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const own = methodFolderOf(source.path);
    if (own === undefined) return [];
    return importsOf(source).flatMap(({ target, line }) => {
      const other = methodFolderOf(target);
      return other === undefined || other === own ? [] : [violation(source, line, `${own} may not import ${other}`)];
    });
  });
}

/** A file with fewer lines than this that one file beside it imports, and no other, is a part of that file. */
const SLIVER_LINES = 25;

/** Slivers: one step of one subject in a file of its own, which a reader has to open to follow the subject. */
export function sliverViolations(sources: readonly Source[]): string[] {
  const importers = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const { target } of importsOf(source)) {
      importers.set(target, (importers.get(target) ?? new Set()).add(source.path));
    }
  }
  return sources.flatMap((source) => {
    const [only, ...others] = importers.get(source.path) ?? [];
    if (linesOf(source) >= SLIVER_LINES || only === undefined || others.length > 0) return [];
    if (DOOR_FILES.includes(only) || posix.dirname(only) !== posix.dirname(source.path)) return [];
    return [violation(source, 1, `has ${linesOf(source)} lines and one user, ${only}: it belongs in there`)];
  });
}

/** `index.ts` anywhere but at a door hides where a name comes from. */
export function indexViolations(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.endsWith('/index.ts') && !DOOR_FILES.includes(path))
    .map((source) => violation(source, 1, 'is an index file, and no door'));
}

/** Circles among files, type imports included; each is shown once, as the way around. */
export function cycleViolations(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map((source) => [source.path, importsOf(source).map(({ target }) => target)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const follow = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (way.includes(path) || done.has(path)) return;
    for (const target of targets.get(path) ?? []) follow(target, [...way, path]);
    done.add(path);
  };
  for (const { path } of sources) follow(path, []);
  return cycles;
}
