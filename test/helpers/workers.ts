import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Process that runs a script of `test/helpers/workers/`. */
export class Worker {
  readonly child: ChildProcess;
  readonly #said: unknown[] = [];
  readonly #waiting: ((message: unknown) => void)[] = [];

  constructor(script: string, settings: object) {
    // Jest's flags are left out, and errors of the process are shown.
    this.child = fork(`test/helpers/workers/${script}`, [JSON.stringify(settings)], { execArgv: [], env: {} });
    this.child.on('message', (message) => {
      const take = this.#waiting.shift();
      if (take === undefined) this.#said.push(message);
      else take(message);
    });
  }

  tell(message: object | string): void {
    this.child.send(message);
  }

  /** Resolves to the next message of the process; rejects if it ends first. */
  async hear<T>(): Promise<T> {
    const early = this.#said.shift();
    if (early !== undefined) return early as T;
    return new Promise<T>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the worker ended with ${code} before it answered`));
      this.child.once('exit', ended);
      this.#waiting.push((message) => {
        this.child.off('exit', ended);
        resolve(message as T);
      });
    });
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}
