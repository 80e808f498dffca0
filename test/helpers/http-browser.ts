interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** Page that a browser has reached. */
export interface Visit {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

const pathFits = (path: string, asked: string) =>
  asked === path || asked.startsWith(path.endsWith('/') ? path : `${path}/`);

/** A browser without scripts: it keeps cookies by name and path, whatever the port (RFC 6265 section 8.5), and follows redirects. */
export class HttpBrowser {
  #cookies: readonly Cookie[] = [];
  /** Every address that it has asked for, in order. */
  readonly visited: string[] = [];

  /**
   * Opens an address, and follows redirects.
   * @param stopAt pattern of an address that is not opened, where the visit ends.
   */
  async go(url: string, { form, stopAt }: { form?: Record<string, string>; stopAt?: RegExp } = {}): Promise<Visit> {
    let next = { url, form };
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await this.#ask(next.url, next.form);
      const location = answer.headers.get('location');
      if (location === null) return { url: next.url, status: answer.status, text: await answer.text() };
      await answer.body?.cancel();
      next = { url: new URL(location, next.url).href, form: undefined };
      if (stopAt?.test(next.url) === true) return { url: next.url, status: answer.status, text: '' };
    }
    throw new Error(`redirected without end: ${this.visited.slice(-5).join(' ')}`);
  }

  async #ask(url: string, form: Record<string, string> | undefined): Promise<Response> {
    this.visited.push(url);
    const { pathname } = new URL(url);
    const fitting = this.#cookies.filter(({ path }) => pathFits(path, pathname));
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: fitting.map(({ name, value }) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/';
    const isOver = /;\s*max-age=0/i.test(line) || Date.parse(/;\s*expires=([^;]*)/i.exec(line)?.[1] ?? '') < Date.now();
    const others = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    this.#cookies = isOver ? others : [...others, { name, value, path }];
  }
}

/** The address of the first link with this text. */
export function linkOf({ text, url }: Visit, label: string): string {
  const [, href] = new RegExp(`<a href="([^"]*)">${label}</a>`).exec(text) ?? [];
  if (href === undefined) throw new Error(`no link "${label}" in ${text}`);
  return new URL(href.replaceAll('&#38;', '&'), url).href;
}
