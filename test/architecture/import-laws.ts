import { isBuiltin } from 'node:module';
import { type Import, importsOf } from './imports.js';
import { BOTTOM, DOOR_FILES, PACKAGES, ROOMS, roomOf } from './rooms.js';
import { type Source, violation } from './source.js';

function roomProblem(from: string, { target, typeOnly }: Import): string | undefined {
  const to = roomOf(target);
  if (to === undefined) return `imports ${target}, which is in no room of lib`;
  if (to === from) return undefined;
  const { uses, types = [] } = ROOMS[from] ?? { uses: [] };
  // The bottom rooms have an order of their own, which the table gives.
  if (uses.includes(to) || (BOTTOM.includes(to) && !BOTTOM.includes(from))) return undefined;
  if (!types.includes(to)) return `${from} may not import ${to} (${target})`;
  return typeOnly ? undefined : `${from} may import ${to} only as a type (${target})`;
}

function packageProblem(from: string, { target, typeOnly }: Import): string | undefined {
  if (isBuiltin(target)) return undefined;
  const name = /^(@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target;
  const rooms = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
  if (rooms === undefined) return `imports the package ${name}, which nobody decided on`;
  return typeOnly || rooms.includes(from) ? undefined : `${from} may import ${name} only as a type`;
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
