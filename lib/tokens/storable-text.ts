/** NUL, and halves of surrogate pairs: no database keeps them as they are, so two texts could become one. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/**
 * Refuses parsed JSON with names or texts that are not Unicode (RFC 8259 section 8.2), or hold a NUL.
 * @throws SyntaxError
 */
export function assertStorableTexts(value: unknown): void {
  if (typeof value === 'string' && !isStorable(value)) throw new SyntaxError('JSON has a text that is not Unicode');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    assertStorableTexts(name);
    assertStorableTexts(member);
  }
}
