// The Fastify and BullMQ side of the API benchmark: what a team would write that wants jobs over HTTP.
//   node server.mjs PORT REDIS_PORT KEY PROCESSES CACHE_PORT
// With a CACHE_PORT above 0, requests are limited by key in that Redis, which all processes share.
// POST /v1/queues/:queue/jobs takes {"type": ..., "payload": ...} and answers 202 {"id": ...}; GET /v1/queues/:queue answers {"waiting": n}.
import cluster from 'node:cluster';
import { createRequire } from 'node:module';
import bearerAuth from '@fastify/bearer-auth';
import rateLimit from '@fastify/rate-limit';
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { Redis } from 'ioredis';

const [port, redisPort, key, processes, cachePort] = process.argv.slice(2);

if (cluster.isPrimary && Number(processes) > 1) {
  for (let i = 0; i < Number(processes); i++) cluster.fork();
  // A bare signal would leave the others behind.
  process.on('SIGTERM', () => cluster.disconnect(() => process.exit(0)));
} else {
  await serve();
}

async function serve() {
  const connection = new Redis({ host: '127.0.0.1', port: Number(redisPort), maxRetriesPerRequest: null });
  const queues = new Map();
  const queue = (name) => {
    let found = queues.get(name);
    if (!found) queues.set(name, (found = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })));
    return found;
  };

  const require = createRequire(import.meta.url);
  const version = (name) => require(`./node_modules/${name}/package.json`).version;

  const app = Fastify({ logger: false });
  app.get('/readyz', async () => ({ bullmq: version('bullmq'), fastify: version('fastify'), node: process.version }));
  await app.register(async (authenticated) => {
    await authenticated.register(bearerAuth, { keys: new Set([key]) });
    if (Number(cachePort) > 0) {
      // As the plugin's documentation has it for a Redis; a limit that the load does not reach.
      const redis = new Redis({ host: '127.0.0.1', port: Number(cachePort), connectTimeout: 500, maxRetriesPerRequest: 1 });
      await authenticated.register(rateLimit, { redis, max: 1_000_000, timeWindow: 1000, keyGenerator: (request) => request.headers.authorization });
    }
    const accepted = { type: 'object', properties: { id: { type: 'string' } } };
    const body = {
      type: 'object',
      required: ['type'],
      properties: { type: { type: 'string', minLength: 1, maxLength: 128 }, payload: {} },
    };
    authenticated.post('/v1/queues/:queue/jobs', { schema: { body, response: { 202: accepted } } }, async (request, reply) => {
      const job = await queue(request.params.queue).add(request.body.type, request.body.payload);
      reply.code(202);
      return { id: job.id };
    });
    authenticated.get('/v1/queues/:queue', async (request) => ({ waiting: await queue(request.params.queue).getWaitingCount() }));
  });
  await app.listen({ host: '127.0.0.1', port: Number(port) });
  process.on('SIGTERM', () => process.exit(0));
}
