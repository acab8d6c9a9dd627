// Tries what a producer needs of docs/reference/protocol-vectors.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { check, enqueueArguments, formatRetry, formatTraits, keysOf, newUlid, parseId } from './protocol.mjs';

/** How many vectors hold; throws at the first that does not. */
export function selfTest(file) {
  const vectors = JSON.parse(readFileSync(file, 'utf8'));
  let held = 0;
  const each = (section, test) => {
    for (const vector of vectors[section]) {
      if (vector.readOnly) continue; // a producer only writes
      test(vector);
      held++;
    }
  };

  each('keys', ({ queue, keys }) => assert.deepEqual(keysOf(queue), keys));
  each('ids', ({ about, id, randomHex, ...parts }) => {
    assert.deepEqual({ about, ...parseId(id), randomHex }, { about, ...parts, randomHex });
    assert.equal(newUlid(parts.tracked, parts.timestampMs, Buffer.from(randomHex, 'hex')), parts.ulid);
  });
  each('invalidIds', (text) => assert.equal(parseId(text), null));
  each('retries', ({ text, retry }) => assert.equal(formatRetry(retry), text));
  each('traits', ({ text, traits }) => assert.equal(formatTraits(traits), text));
  each('headers', ({ header, fields: { ulid, enqueuedAtMs, traits, ...job } }) => {
    const [, head, tail] = enqueueArguments('1.0', [{ ulid, request: { ...job, ...traits } }]);
    if (job.attempt === 1 && job.epoch === 1 && job.crashes === 0) assert.equal(head + enqueuedAtMs + tail, header);
    else assert.ok(header.endsWith(tail));
  });
  each('enqueues', ({ queue, jobs, arguments: expected }) => {
    for (const { request } of jobs) check({ ...request, queue });
    assert.deepEqual(enqueueArguments(vectors.version, jobs), expected);
  });
  each('largePayloads', ({ payloadBytes, tags, traits }) => {
    const request = { type: 't', payload: 'x'.repeat(payloadBytes), tags };
    assert.equal(enqueueArguments('1.0', [{ ulid: '0'.repeat(26), request }])[2], `;n;;;;${traits};t`);
  });
  each('invalidRequests', ({ about, request, payloadBytes }) =>
    assert.throws(() => check(payloadBytes ? { ...request, payload: 'x'.repeat(payloadBytes) } : request), RangeError, about));
  return held;
}
