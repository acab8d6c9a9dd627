-- wrk's side of the API benchmark: every request is the same POST, and the last line of the output is JSON.
-- K8SQUEUE_BENCH_BODY and K8SQUEUE_BENCH_KEY: what is sent.
wrk.method = 'POST'
wrk.body = os.getenv('K8SQUEUE_BENCH_BODY')
wrk.headers['Content-Type'] = 'application/json'
wrk.headers['Authorization'] = 'Bearer ' .. os.getenv('K8SQUEUE_BENCH_KEY')

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
