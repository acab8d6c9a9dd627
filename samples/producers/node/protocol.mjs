// The text of docs/reference/protocol.md: names of keys, ids, headers and the arguments of enqueue.lua. No I/O.
import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LANES = { high: 'h', normal: 'n', low: 'l' };
const INLINE_BYTES = 32 * 1024;
const LONGEST_MS = 365 * 24 * 60 * 60 * 1000;
const DEFAULT_RETRY = { maxAttempts: 5, backoff: 'exponential', delayMs: 1000, maxDelayMs: 900_000, jitter: 0.2 };
const KEYS = [
  'lane:returned', 'lane:high', 'lane:normal', 'lane:low', 'version', 'delayed', 'delayed:jobs',
  'dead', 'dead:jobs', 'paused', 'consumers', 'stats', 'reaper', 'job:',
];

/** The keys that every script of a queue takes, in their order. */
export const keysOf = (queue) => KEYS.map((key) => `k8squeue:{${queue}}:${key}`);

// Ids

/** A new ULID; its last bit says whether the job has a record of its own. */
export function newUlid(tracked, timestampMs = Date.now(), random = randomBytes(10)) {
  const bits = (BigInt(timestampMs) << 80n) | BigInt(`0x${random.toString('hex')}`);
  const value = tracked ? bits | 1n : bits & ~1n;
  return Array.from({ length: 26 }, (_, i) => LETTERS[Number((value >> BigInt(5 * (25 - i))) & 31n)]).join('');
}

/** The parts of an id; null where the text is none. */
export function parseId(text) {
  const match = /^([a-z0-9](?:[-a-z0-9_.]{0,61}[a-z0-9])?)\.([0-7][0-9A-HJKMNP-TV-Z]{25})$/.exec(text);
  if (!match) return null;
  const [, queue, ulid] = match;
  const timestampMs = [...ulid.slice(0, 10)].reduce((sum, letter) => sum * 32 + LETTERS.indexOf(letter), 0);
  return { queue, ulid, timestampMs, tracked: LETTERS.indexOf(ulid[25]) % 2 === 1 };
}

// What enqueue.lua takes

/** The arguments for jobs, each of which has a ulid and a request. */
export const enqueueArguments = (version, jobs) => [
  version,
  ...jobs.flatMap(({ ulid, request }) => [`1;${ulid};1;0;1;`, tailOf(request), String(request.delayMs ?? 0), request.payload ?? 'null']),
];

const tailOf = (job) => [
  '', LANES[job.lane ?? 'normal'], formatRetry({ ...DEFAULT_RETRY, ...job.retry }), job.timeoutMs ?? '', job.traceParent ?? '',
  formatTraits({ stored: storedOf(job.payload ?? 'null'), ...job }), job.type,
].join(';');

// A large payload is kept apart from its job.
function storedOf(payload) {
  const bytes = Buffer.byteLength(payload);
  return bytes > INLINE_BYTES ? { apartBytes: bytes } : undefined;
}

export function formatRetry(retry) {
  const jitter = Math.round(retry.jitter * 1000);
  if (retry.backoff === 'custom') return `${retry.maxAttempts}c${[jitter, ...retry.delaysMs].join()}`;
  if (Object.entries(DEFAULT_RETRY).every(([name, value]) => retry[name] === value)) return '';
  return `${retry.maxAttempts}${retry.backoff === 'fixed' ? 'f' : 'e'}${retry.delayMs},${retry.maxDelayMs},${jitter}`;
}

export function formatTraits({ deduplication, concurrency, tags, retentionMs, scheduledRun, memberOf, callbackOf, stored }) {
  const traits = [];
  if (deduplication) traits.push(`${deduplication.untilDone ? 'u' : 'd'}=${deduplication.windowMs ?? ''}:${encode(deduplication.key)}`);
  if (concurrency) traits.push(`k=${concurrency.limit}:${encode(concurrency.key)}`);
  if (tags?.length) traits.push(`g=${tags.map(encode).join('|')}`);
  if (retentionMs !== undefined) traits.push(`r=${retentionMs}`);
  if (scheduledRun) traits.push(`c=${scheduledRun.schedule}@${scheduledRun.atMs}`);
  if (memberOf) traits.push(`b=${memberOf}`);
  if (callbackOf) traits.push(`o=${callbackOf}`);
  if (stored?.apartBytes) traits.push(`s=${stored.apartBytes}`);
  if (stored?.originalBytes) traits.push(`z=${stored.originalBytes}`);
  return traits.join();
}

// encodeURIComponent leaves five more characters than the protocol does.
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// What a producer has to refuse: the scripts believe what they are given.

const isWhole = (value, from, to) => Number.isInteger(value) && value >= from && value <= to;
const isText = (value, longest) => typeof value === 'string' && value.trim() !== '' && value.length <= longest && !/[\0-\x1f\x7f-\x9f]/.test(value);

/** Throws a RangeError that names what is wrong. */
export function check(job) {
  const refuse = (wrong, what) => {
    if (wrong) throw new RangeError(`${what} is not valid.`);
  };
  const { lane = 'normal', delayMs = 0, deduplication, concurrency, tags = [] } = job;
  refuse(!parseId(`${job.queue}.${'0'.repeat(26)}`), 'queue');
  refuse(!isText(job.type, 128), 'type');
  refuse(Buffer.byteLength(job.payload ?? 'null') > 1024 * 1024, 'payload');
  refuse(!Object.hasOwn(LANES, lane), 'lane');
  refuse(!isWhole(delayMs, 0, LONGEST_MS), 'delayMs');
  refuse(job.timeoutMs !== undefined && !isWhole(job.timeoutMs, 1, LONGEST_MS), 'timeoutMs');
  refuse(job.traceParent !== undefined && !/^[-0-9A-Za-z]{0,128}$/.test(job.traceParent), 'traceParent');
  refuse(!isRetry({ ...DEFAULT_RETRY, ...job.retry }), 'retry');
  if (deduplication) {
    refuse(!isText(deduplication.key, 256), 'deduplication.key');
    refuse(deduplication.windowMs !== undefined ? !isWhole(deduplication.windowMs, 1, LONGEST_MS) : !deduplication.untilDone, 'deduplication');
  }
  if (concurrency) refuse(!isText(concurrency.key, 256) || !isWhole(concurrency.limit, 1, 10_000), 'concurrency');
  refuse(tags.length > 16 || !tags.every((tag) => isText(tag, 64)), 'tags');
  refuse(job.retentionMs !== undefined && !isWhole(job.retentionMs, 0, LONGEST_MS), 'retentionMs');
}

function isRetry({ maxAttempts, backoff, delayMs, maxDelayMs, delaysMs = [], jitter }) {
  if (!isWhole(maxAttempts, 1, 1000) || !(jitter >= 0 && jitter <= 1)) return false;
  if (backoff === 'custom') return delaysMs.length >= 1 && delaysMs.length <= 32 && delaysMs.every((delay) => isWhole(delay, 0, LONGEST_MS));
  return ['fixed', 'exponential'].includes(backoff) && delaysMs.length === 0 && isWhole(delayMs, 0, LONGEST_MS) && maxDelayMs >= delayMs;
}
