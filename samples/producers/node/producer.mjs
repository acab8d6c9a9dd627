import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, enqueueArguments, keysOf, newUlid } from './protocol.mjs';
import { Connection, RedisError } from './resp.mjs';

const TRY_FOR_MS = 30_000;
const PASSING = /LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|BUSY|NOREPLICAS/;

/** The call may have worked: the jobs may be there. */
export class UnknownOutcomeError extends Error {}

// Only a key that is held for longer than all this takes keeps a repeated job out; one that the job's end frees may be free by then.
const isRepeatable = (deduplication, windowMs) => Boolean(deduplication) && !deduplication.untilDone && windowMs >= 2 * TRY_FOR_MS;

const pause = (attempt, seconds = 0) => sleep(Math.max(seconds * 1000, 100 * 2 ** Math.min(attempt, 5) * (0.5 + Math.random())));

/** Adds jobs by the script that the worker exports: `K8sQueue.Worker scripts --output DIR`. */
export class DirectProducer {
  #address;
  #version;
  #script;
  #connection;
  #registered = new Set();

  /** @param address host, port, and password where there is one */
  constructor(address, scripts) {
    const manifest = JSON.parse(readFileSync(path.join(scripts, 'manifest.json'), 'utf8'));
    if (!manifest.version.startsWith('1.')) throw new Error(`These scripts are of layout ${manifest.version}; this producer knows 1.`);
    const { file, sha1 } = manifest.scripts.find((script) => script.name === 'enqueue');
    this.#address = address;
    this.#version = manifest.version;
    this.#script = { sha1, text: readFileSync(path.join(scripts, file), 'utf8') };
  }

  /**
   * Adds jobs of one queue, up to 1,000 with up to 8 MiB of payload: all or none, but for those whose deduplication key another job has.
   * Answers the id of each, or of the job that has its key. Jobs that all have a key for a minute or more are sent again where the answer
   * is lost; otherwise that is an UnknownOutcomeError.
   */
  async enqueue(queue, requests) {
    for (const request of requests) check({ ...request, queue });
    const jobs = requests.map((request) => ({ ulid: newUlid(request.tracked), request }));
    const args = enqueueArguments(this.#version, jobs);

    const repeatable = requests.every(({ deduplication }) => isRepeatable(deduplication, deduplication?.windowMs));
    const [fresh, ...duplicates] = await this.#retry(repeatable, queue, args);
    if (fresh === 1) await this.#register(queue).catch(() => this.close()); // the server lost what it had, the registry perhaps too
    const answers = jobs.map(({ ulid }) => ({ id: `${queue}.${ulid}`, duplicate: false }));
    for (let i = 0; i < duplicates.length; i += 2) {
      const [position, holder] = [duplicates[i], duplicates[i + 1]];
      answers[position] = { id: `${queue}.${holder}`, duplicate: holder !== jobs[position].ulid };
    }
    return answers;
  }

  close() {
    this.#connection?.then((connection) => connection.close(), () => {});
    this.#connection = undefined;
    this.#registered.clear();
  }

  async #retry(repeatable, queue, args) {
    const started = Date.now();
    let lost; // how the answer of a call that may have worked got lost
    for (let attempt = 1; ; attempt++) {
      let sent = false;
      try {
        const connection = await this.#connect();
        if (!this.#registered.has(queue)) await this.#register(queue);
        sent = true;
        return await this.#evaluate(connection, queue, args);
      } catch (error) {
        // A server that refuses added nothing. One that went away may have.
        const refused = error instanceof RedisError;
        if (sent && !refused) lost = error;
        this.close();
        if ((refused && !PASSING.test(error.message)) || (lost && !repeatable) || Date.now() - started > TRY_FOR_MS) {
          throw lost ? new UnknownOutcomeError(`The jobs may have been added: ${lost.message}`, { cause: lost }) : error;
        }
        await pause(attempt);
      }
    }
  }

  async #evaluate(connection, queue, args) {
    const keys = keysOf(queue);
    try {
      return await connection.call('EVALSHA', this.#script.sha1, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof RedisError) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await connection.call('EVAL', this.#script.text, keys.length, ...keys, ...args);
    }
  }

  async #connect() {
    if ((await this.#connection)?.isClosed) this.close();
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open() {
    const connection = await Connection.open(this.#address);
    if (!(await connection.call('INFO', 'memory')).includes('maxmemory_policy:noeviction')) {
      connection.close();
      throw new RedisError('This server may evict jobs: set maxmemory-policy noeviction.');
    }
    return connection;
  }

  // The registry is in another slot of a cluster, so no script writes it: it is told of a queue before that has a job.
  async #register(queue) {
    await (await this.#connect()).call('SADD', 'k8squeue:queues', queue);
    this.#registered.add(queue);
  }
}

/** Adds jobs over the HTTP API. */
export class HttpProducer {
  #api;
  #key;

  constructor(api, key) {
    this.#api = api;
    this.#key = key;
  }

  /** Adds a job in the form of docs/reference/api.md, and answers as DirectProducer does. */
  async enqueue(queue, job) {
    const repeatable = isRepeatable(job.deduplication, job.deduplication?.windowSeconds * 1000);
    const started = Date.now();
    let lost;
    for (let attempt = 1; ; attempt++) {
      const { status, text, retryAfter, refused } = await this.#post(queue, job);
      if (status === 202 || status === 200) {
        const { id, duplicate = false } = JSON.parse(text);
        return { id, duplicate };
      }

      // 507 added nothing, and neither did who is not there. 503, or no answer, may have.
      if (!refused && (!status || status === 503)) lost = text;
      const passing = refused || !status || status === 503 || status === 507;
      if (!passing || (lost && !repeatable) || Date.now() - started > TRY_FOR_MS) {
        throw lost ? new UnknownOutcomeError(`The job may have been added: ${lost}`) : new Error(`${status ?? ''} ${text}`.trim());
      }
      await pause(attempt, retryAfter);
    }
  }

  async #post(queue, job) {
    try {
      const answer = await fetch(`${this.#api}/v1/queues/${encodeURIComponent(queue)}/jobs`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(this.#key ? { Authorization: `Bearer ${this.#key}` } : {}) },
        body: JSON.stringify(job),
        signal: AbortSignal.timeout(10_000),
      });
      return { status: answer.status, text: await answer.text(), retryAfter: Number(answer.headers.get('retry-after') ?? 0) };
    } catch (error) {
      return { text: error.cause?.message ?? error.message, refused: error.cause?.code === 'ECONNREFUSED' };
    }
  }
}
