import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterThisTest } from './after-this-test.js';

/** What the proxy does with a request for a tunnel: opens it, refuses it with a status, or never answers. */
export type ProxyAnswer = 'open' | 'silent' | number;

/** A proxy for `CONNECT` (RFC 9110 section 9.3.6) on a real port, which notes everything that it is shown. Gone after the test. */
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
    // Read on, or its end would not be noticed; a server of HTTP keeps its own half open.
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
