import { createServer, type RequestListener } from 'node:http';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import { type Middleware, type Mountable, mounted, showPrincipal } from './servers.js';

function plainServer(middlewares: readonly Middleware[]): RequestListener {
  return (req, res) => {
    const run = (index: number): void => {
      const middleware = middlewares[index];
      if (middleware === undefined) showPrincipal(req, res);
      else
        middleware(req, res, (error) => {
          if (error === undefined) return run(index + 1);
          res.statusCode = 599;
          res.end(String(error));
        });
    };
    run(0);
  };
}

/** One application under every server that the package supports. */
export const SERVERS: readonly (readonly [name: string, make: (...middlewares: Middleware[]) => RequestListener])[] = [
  ['Express 5', (...middlewares) => mounted(express() as Mountable, middlewares) as unknown as RequestListener],
  ['Express 4', (...middlewares) => mounted(express4() as Mountable, middlewares) as unknown as RequestListener],
  [
    'Connect',
    (...middlewares) => mounted(connect() as unknown as Mountable, middlewares) as unknown as RequestListener,
  ],
  ['node:http', (...middlewares) => createServer(plainServer(middlewares)) as unknown as RequestListener],
];
