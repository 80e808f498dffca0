import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DocsProgram, docsProgram } from './docs-program.js';
import { docsDiagnostics } from './docs-types.js';
import { type RawRequest, rawRequestTo } from './requests.js';

/** Writes the tables of a page without the spaces that a formatter lines their columns up with. */
export function tidyTables(page: string): string {
  return page.replace(/^\|.*\|$/gm, (row) =>
    row.replace(/ +\|/g, ' |').replace(/\| +/g, '| ').replace(/-{3,}/g, '---'),
  );
}

/** A request to an application before and after its move, with both answers. */
export interface MovedRequest {
  /** The request in words, as the documentation has it. */
  readonly request: string;
  readonly sent: () => RawRequest;
  /** Status and text that the old application answers. */
  readonly before: string;
  /** Status and text that the new application answers. */
  readonly now: string;
  /** Why the answers differ; absent where they are equal. */
  readonly why?: string;
}

/** Returns the two programs of a page: the lines of its diff without the added ones, and without the removed ones. */
function movedPrograms(page: string): { before: string; now: string } {
  const [, diff] = /^```diff\n(.*?)^```/ms.exec(readFileSync(page, 'utf8')) ?? [];
  if (diff === undefined) throw new Error(`${page} has no diff`);
  const lines = diff.trimEnd().split('\n');
  const without = (sign: string) => lines.flatMap((line) => (line.startsWith(sign) ? [] : [line.slice(1)])).join('\n');
  return { before: without('+'), now: without('-') };
}

/** Sends a request to a program, and returns the status, with the text where it is a short one. */
async function answerOf({ url }: DocsProgram, sent: RawRequest): Promise<string> {
  const { status, text } = await rawRequestTo(Number(new URL(url).port), sent);
  return text.length > 20 || text === 'Unauthorized' ? String(status) : `${status} ${text}`;
}

/** Returns the rows whose answers differ without a reason, or are equal with one. */
const unexplained = (rows: readonly MovedRequest[]): string[] =>
  rows.filter(({ before, now, why = '' }) => (before === now) !== (why === '')).map(({ request }) => request);

/** Returns what the page says about the answers: a table of those that differ, and a list of those that do not. */
function answersSection(rows: readonly MovedRequest[], library: string): string {
  const cells = rows.flatMap(({ request, before, now, why }) => (why ? [[request, before, now, why]] : []));
  const table = [['request', library, 'Sallyport', 'why'], ['---', '---', '---', '---'], ...cells];
  const equal = rows.flatMap(({ request, now, why }) => (why ? [] : [`- ${request}: ${now}`]));
  const lines = table.map((row) => `| ${row.join(' | ')} |`);
  return [...lines, '', `These ${equal.length} of the ${rows.length} are answered alike:`, '', ...equal].join('\n');
}

/** Returns the names in the first column of the page's first table of options. */
function optionRows(page: string): string[] {
  const [, table = ''] = /^## Option by option\n\n(.*?)\n\n/ms.exec(readFileSync(page, 'utf8')) ?? [];
  return [...table.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );
}

/** A move that a page of the documentation describes. */
interface Move {
  readonly page: string;
  /** Name of the library that the application leaves. */
  readonly library: string;
  /** Environment of both programs. */
  readonly env: Readonly<Record<string, string>>;
  readonly rows: readonly MovedRequest[];
  /** Names of the library's options. */
  readonly options: readonly string[];
}

/** Tests that both programs of a page do what its text says. */
export function movesAsItsPageSays({ page, library, env, rows, options }: Move): void {
  const programs = movedPrograms(page);

  describe('the programs of the page', () => {
    let started: readonly DocsProgram[];
    beforeAll(async () => {
      started = await Promise.all([docsProgram(programs.before, env), docsProgram(programs.now, env)]);
    });
    afterAll(async () => {
      for (const program of started) await program.close();
    });

    test.each(rows)('$request: $before before the move, $now after it', async ({ sent, before, now }) => {
      expect(await Promise.all(started.map((program) => answerOf(program, sent())))).toEqual([before, now]);
    });
  });

  test('every answer that differs has a reason, and no other has one', () => {
    expect(unexplained(rows)).toEqual([]);
  });

  test('the page lists the answers as they are', () => {
    expect(tidyTables(readFileSync(page, 'utf8'))).toContain(tidyTables(answersSection(rows, library)));
  });

  test('both programs of the page compile', () => {
    const blocks = Object.entries(programs).map(([name, code]) => ({
      page: `${page}, ${name}`,
      heading: '',
      line: 1,
      code,
    }));
    expect(docsDiagnostics(blocks)).toEqual([]);
  });

  test('every option of the library has a row in the table of the page, and nothing else has', () => {
    expect(optionRows(page).toSorted()).toEqual(options.toSorted());
  });
}
