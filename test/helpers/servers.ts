import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import type { NextFunction } from '../../lib/index.js';

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/** The last handler of every test application: shows what the middlewares left on the request. */
export function showPrincipal(req: IncomingMessage, res: ServerResponse): void {
  const { principal } = req as { principal?: unknown };
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ principal: principal ?? null, url: req.url, headers: req.headers }));
}

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

type Mountable = { use(middleware: Middleware): unknown };

function mounted<App extends Mountable>(app: App, middlewares: readonly Middleware[]): App {
  for (const middleware of middlewares) app.use(middleware);
  app.use(showPrincipal);
  return app;
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

/** An Express 5 application with these middlewares in front of `showPrincipal`. */
export function app(...middlewares: Middleware[]): RequestListener {
  return mounted(express() as Mountable, middlewares) as unknown as RequestListener;
}
