// The BullMQ side of the queue benchmark. It reads one command a line from stdin and answers one line each on stdout:
//   {"command":"bulk","jobs":50000,"chunk":1000,"parallel":2,"payload":"{...}"}  -> {"seconds":2.4}
//   {"command":"process","concurrency":100}                                    -> {"completed":50000,"seconds":1.5,"cpuSeconds":1.4,"left":0}
//   {"command":"latency","jobs":1000,"warmUp":20,"pauseMilliseconds":2,"payload":"{...}"}   -> {"milliseconds":[0.6,...],"left":0}
//   {"command":"versions"}                                                       -> {"bullmq":"6.7.0","ioredis":"6.0.0","node":"v20.0.0"}
// An answer with "error" is a failure. End of stdin ends the process.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const port = Number(process.argv[2]);
const queueName = 'bench';

// maxRetriesPerRequest null is what BullMQ demands of a worker's connection.
const connect = () => new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });

async function withQueue(use) {
  const connection = connect();
  const queue = new Queue(queueName, {
    connection,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  await queue.waitUntilReady();
  try {
    return await use(queue);
  } finally {
    await queue.close();
    connection.disconnect();
  }
}

async function withWorker(processor, options, use) {
  const connection = connect();
  const worker = new Worker(queueName, processor, {
    connection,
    autorun: false,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    ...options,
  });
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  try {
    return await use(worker);
  } finally {
    await worker.close();
    connection.disconnect();
  }
}

// Jobs that are anywhere in the queue.
async function left(queue) {
  const counts = await queue.getJobCounts();
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const commands = {
  versions() {
    const require = createRequire(import.meta.url);
    const version = (name) => require(`./node_modules/${name}/package.json`).version;
    return { bullmq: version('bullmq'), ioredis: version('ioredis'), node: process.version };
  },

  bulk: ({ jobs, chunk, parallel, payload }) =>
    withQueue(async (queue) => {
      const data = JSON.parse(payload);
      let next = 0;
      const add = async () => {
        while (next < jobs) {
          const size = Math.min(chunk, jobs - next);
          next += size;
          await queue.addBulk(Array.from({ length: size }, () => ({ name: 'noop', data })));
        }
      };
      const start = performance.now();
      await Promise.all(Array.from({ length: parallel }, add));
      return { seconds: (performance.now() - start) / 1000 };
    }),

  // Works until the queue is drained and nothing of this worker is under way.
  process: ({ concurrency }) =>
    withQueue((queue) => {
      let completed = 0;
      let finishedAt = 0;
      return withWorker(async () => {}, { concurrency }, async (worker) => {
        const drained = new Promise((resolve) => worker.once('drained', resolve));
        worker.on('completed', () => {
          completed++;
          finishedAt = performance.now();
        });
        const cpuBefore = process.cpuUsage();
        const startedAt = performance.now();
        void worker.run();
        await drained;
        // Jobs that are still under way end before close() does.
        await worker.close();
        const cpu = process.cpuUsage(cpuBefore);
        return {
          completed,
          seconds: (finishedAt - startedAt) / 1000,
          cpuSeconds: (cpu.user + cpu.system) / 1e6,
          left: await left(queue),
        };
      });
    }),

  // One job at a time; the next one is added when the last is completed and the worker had time to wait again.
  latency: ({ jobs, warmUp, pauseMilliseconds, payload }) =>
    withQueue((queue) => {
      const data = JSON.parse(payload);
      let startedAt = 0;
      return withWorker(
        async () => {
          startedAt = performance.now();
        },
        {},
        async (worker) => {
          void worker.run();
          const milliseconds = [];
          for (let i = -warmUp; i < jobs; i++) {
            await delay(pauseMilliseconds);
            const completed = new Promise((resolve) => worker.once('completed', resolve));
            const addedAt = performance.now();
            await queue.add('noop', data);
            await completed;
            if (i >= 0) milliseconds.push(startedAt - addedAt);
          }
          return { milliseconds, left: await left(queue) };
        },
      );
    }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line);
  let answer;
  try {
    answer = await commands[command](options);
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
process.exit(0);
