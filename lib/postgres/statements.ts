/**
 * The statements with the tables of one schema in place of their placeholders: `{users}` becomes
 * `<schema>.sallyport_users`, unless `others` says what it stands for.
 */
export function inSchema<Statements extends Readonly<Record<string, string>>>(
  statements: Statements,
  schema: string,
  others: Readonly<Record<string, string>> = {},
): Statements {
  const written = Object.entries(statements).map(([verb, sql]) => [
    verb,
    sql.replace(/\{(\w+)\}/g, (_placeholder, name: string) => others[name] ?? `${schema}.sallyport_${name}`),
  ]);
  // The same keys as before, which Object.fromEntries cannot know.
  return Object.fromEntries(written) as Statements;
}
