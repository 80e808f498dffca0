const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/;
/** What environment variables, YAML and consoles put between the lines of a PEM, where line breaks were. */
const BREAKS = /(\\r|\\n|\s)+/g;

/**
 * Gives a PEM its line breaks back (RFC 7468 section 2). A value from an environment variable often has a backslash
 * and an `n` in their place, or spaces, and quotes around it; no base64 has any of these, so nothing is guessed.
 * A text that is no PEM comes back as it is.
 */
export function withLineBreaks(text: string): string {
  const [, label, body = ''] = PEM.exec(text) ?? [];
  if (label === undefined) return text;
  const lines = body.replace(BREAKS, '').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
