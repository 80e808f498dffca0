/** Text that is HTML already. */
class Html {
  constructor(readonly text: string) {}
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** HTML with values in it. What is not HTML itself is escaped: names come from other systems. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  const texts = values.map((value) => (value instanceof Html ? value.text : escaped(String(value))));
  return new Html(String.raw({ raw: parts }, ...texts));
}

/** A page of this example. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1>${body}</body>
</html>
`.text;
}
