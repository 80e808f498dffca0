import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterThisTest } from './after-this-test.js';

/** Answer of the proxy to a request for a tunnel: open it, refuse it with a status, or stay silent. */
export type ProxyAnswer = 'open' | 'silent' | number;

/** Starts a proxy for `CONNECT` (RFC 9110 section 9.3.6) that records its requests; it closes after the test. */
export async function connectProxy(answer: ProxyAnswer = 'open') {
  const tunnels: { readonly target: string; readonly headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  const plain: string[] = [];
  const server = createServer(({ url = '' }, res) => {
    plain.push(url);
    res.end();
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.on('connect', ({ url: target = '', headers }, socket: Socket) => {
    tunnels.push({ target, headers });
    // The socket is read so that its end is noticed, because an HTTP server keeps its own half open.
    if (answer === 'silent') return void socket.resume().on('end', () => socket.end());
    if (answer !== 'open') {
      socket.end(`HTTP/1.1 ${answer} No\r\nLocation: https://login.example.com/\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const url = new URL(`http://${target}`);
    const there = connect(Number(url.port), url.hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      there.pipe(socket).pipe(there);
    });
    there.on('error', () => socket.destroy());
    socket.on('error', () => there.destroy()).on('close', () => there.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterThisTest(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, tunnels, sockets, plain };
}
