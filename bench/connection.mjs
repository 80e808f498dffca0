import { connect } from 'node:net';

/**
 * One kept connection that sends a request as soon as the last one is answered. It does no more than it must: what
 * it costs is time that the server beside it does not get.
 */
export class Connection {
  #socket;
  #received = '';
  #sentAt = 0;
  #next;
  #answered;
  #finish = () => undefined;

  /** @param next gives the next request, or `undefined` when it is over. @param answered is told status and milliseconds. */
  constructor(port) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('close', () => this.#finish(new Error('the server closed a connection')));
    this.#socket.on('error', () => undefined);
  }

  /** Until there is no next request. */
  run(next, answered) {
    this.#next = next;
    this.#answered = answered;
    return new Promise((resolve, reject) => {
      this.#finish = (error) => (error === undefined ? resolve() : reject(error));
      this.#send();
    });
  }

  close() {
    this.#finish = () => undefined;
    this.#socket.destroy();
  }

  #send() {
    const request = this.#next();
    if (request === undefined) {
      this.#finish();
      return;
    }
    this.#sentAt = performance.now();
    this.#socket.write(request, 'latin1');
  }

  #read(chunk) {
    this.#received = this.#received === '' ? chunk : this.#received + chunk;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    if (length === undefined) {
      this.#finish(new Error(`an answer without a length: ${this.#received.slice(0, head)}`));
      return;
    }
    if (this.#received.length < head + 4 + Number(length)) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = '';
    this.#answered(status, performance.now() - this.#sentAt);
    this.#send();
  }
}

export function requestWith(token) {
  return `GET /things HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nAccept: */*\r\n\r\n`;
}
