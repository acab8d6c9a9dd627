// node main.mjs direct HOST:PORT SCRIPTS | http URL | vectors FILE
import { createInterface } from 'node:readline';
import { DirectProducer, HttpProducer } from './producer.mjs';
import { selfTest } from './vectors.mjs';

const [command, target, scripts] = process.argv.slice(2);

/** One job a line of standard input, with its queue beside its other fields; one answer a line of standard output. */
async function run(enqueue) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { queue, ...job } = JSON.parse(line);
    try {
      console.log(JSON.stringify(await enqueue(queue, job)));
    } catch (error) {
      process.exitCode = 1;
      console.log(JSON.stringify({ error: error.constructor.name, message: error.message }));
    }
  }
}

if (command === 'direct' && scripts) {
  const [host, port] = target.split(':');
  const producer = new DirectProducer({ host, port: Number(port), password: process.env.REDIS_PASSWORD }, scripts);
  await run(async (queue, job) => (await producer.enqueue(queue, [job]))[0]);
  producer.close();
} else if (command === 'http' && target) {
  const producer = new HttpProducer(target, process.env.K8SQUEUE_API_KEY);
  await run((queue, job) => producer.enqueue(queue, job));
} else if (command === 'vectors' && target) {
  console.log(`${selfTest(target)} vectors hold.`);
} else {
  console.error('usage: node main.mjs direct HOST:PORT SCRIPTS | http URL | vectors FILE');
  process.exitCode = 2;
}
