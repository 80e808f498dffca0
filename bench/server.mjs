import { once } from 'node:events';
import { createServer } from 'node:http';
import { createHistogram } from 'node:perf_hooks';
import express from 'express';
import { answerWith } from './processes.mjs';

const settings = JSON.parse(process.env.SALLYPORT_BENCH);
const { default: create } = await import(`./contenders/${settings.contender}.mjs`);
const contender = await create(settings);

const app = express();
app.disable('x-powered-by');

/** With one connection, the time that the event loop was busy between two requests is what one request took of it. */
const busy = createHistogram();
let before = 0;
if (settings.watchLoop) {
  app.use((_req, _res, next) => {
    const { active } = performance.eventLoopUtilization();
    if (before > 0) busy.record(Math.max(1, Math.round((active - before) * 1e6)));
    before = active;
    next();
  });
}

for (const middleware of contender.middlewares) app.use(middleware);
app.get('/things', (_req, res) => {
  res.json({ things: ['one', 'two', 'three'] });
});
// Four parameters are what makes it an error handler.
app.use((error, _req, res, _next) => {
  res.status(error.status ?? 401).json({ error: error.code ?? 'unauthorized' });
});

const server = createServer({ maxHeaderSize: 65_536, keepAliveTimeout: 900_000 }, app).listen(0, '127.0.0.1');
await once(server, 'listening');
let cpu;

answerWith({
  ready: () => ({ port: server.address().port }),
  start() {
    cpu = process.cpuUsage();
    busy.reset();
    before = 0;
  },
  stop() {
    const { user, system } = process.cpuUsage(cpu);
    return { cpu: user + system, busyP99: busy.percentile(99) / 1e6, rss: process.memoryUsage.rss() };
  },
  /** What is still held, once everything that can go is gone. */
  memory() {
    for (let time = 0; time < 3; time += 1) globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { held: heapUsed + external, rss };
  },
});
