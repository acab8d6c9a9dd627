#!lua flags=allow-oom
-- Removes a queue that has nothing: no jobs, dead letters or schedules, nobody who consumes it, no word for batches of other queues. Records of jobs
-- and batches that have ended, and keys that are held for a time, expire by themselves.
-- ARGV: 1 layout version
-- Returns: 1 removed, or there was none; 0 it has something
read_version(ARGV[1])
for lane = 1, 4 do
  if redis.call('XLEN', LANES[lane]) > 0 then
    return 0
  end
end
if redis.call('EXISTS', DELAYED, PARKED, DEAD, CONSUMERS, BASE .. 'schedules:jobs', BASE .. 'outbox') > 0 then
  return 0
end
redis.call('DEL', unpack(KEYS, 1, 13))
redis.call('DEL', PARKED, CANCELLED, EVENTS, LIMITS, SUSPECT, TRIAL, BASE .. 'suspects', BASE .. 'schedules', BASE .. 'load', BASE .. 'trends')
return 1
