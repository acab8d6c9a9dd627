#!lua flags=allow-oom
-- Sets what bounds the starts of the queue's jobs, over all workers. A bucket that is there keeps what it has, so that limits which are set again
-- let nothing through.
-- ARGV: 1 jobs, 2 in how many ms, 3 how many at once after a quiet time (nothing for no rate); 4 the most that run at once, nothing for no bound
-- Returns: 1
local now = clock()
local before = bucket(now)
redis.call('DEL', LIMITS)
if ARGV[1] ~= '' then
  local period = tonumber(ARGV[2])
  local credit = period * tonumber(ARGV[3])
  if before then
    credit = math.min(credit, math.floor(before.credit / before.period * period))
  end
  redis.call('HSET', LIMITS, 'jobs', ARGV[1], 'period', ARGV[2], 'burst', ARGV[3])
  keep_credit(credit, now)
end
if ARGV[4] ~= '' then
  redis.call('HSET', LIMITS, 'concurrency', ARGV[4])
end
return 1
