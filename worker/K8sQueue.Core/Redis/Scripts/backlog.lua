#!lua flags=no-writes,allow-oom
-- What a queue has to do: waiting and running jobs, and those whose time has come; nothing while it is paused. Read many times a second,
-- so an idle queue costs seven lookups.
-- ARGV: 1 layout version
-- Returns: jobs, age of the oldest in ms (since it was put in its lane, or since its time came; a returned one: since its enqueue) or -1,
--   1 where paused
read_version(ARGV[1])
if redis.call('EXISTS', PAUSED) == 1 then
  return { 0, -1, 1 }
end
local jobs, oldest, now = 0, -1, clock()
for lane = 1, 4 do
  local length = redis.call('XLEN', LANES[lane])
  jobs = jobs + length
  local first = length > 0 and redis.call('XRANGE', LANES[lane], '-', '+', 'COUNT', 1)[1]
  local job = first and lane == RETURNED and read_job(first[2][2], first[2][4])
  if first then
    oldest = math.max(oldest, now - tonumber(string.match(job and job.rest or first[1], '^%d+')))
  end
end
local due = redis.call('ZCOUNT', DELAYED, '-inf', text(now))
if due > 0 then
  oldest = math.max(oldest, now - tonumber(redis.call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')[2]))
end
return { jobs + due, oldest, 0 }
