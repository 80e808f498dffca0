import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import type { NextFunction } from '../../lib/index.js';

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: NextFunction) => void;

/** The last handler of every test application: shows what the middlewares left on the request. */
export function showPrincipal(req: IncomingMessage, res: ServerResponse): void {
  const { principal } = req as { principal?: unknown };
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ principal: principal ?? null, url: req.url, headers: req.headers }));
}

export type Mountable = { use(middleware: Middleware): unknown };

export function mounted<App extends Mountable>(app: App, middlewares: readonly Middleware[]): App {
  for (const middleware of middlewares) app.use(middleware);
  app.use(showPrincipal);
  return app;
}

/** An Express 5 application with these middlewares in front of `showPrincipal`. */
export function app(...middlewares: Middleware[]): RequestListener {
  return mounted(express() as Mountable, middlewares) as unknown as RequestListener;
}
