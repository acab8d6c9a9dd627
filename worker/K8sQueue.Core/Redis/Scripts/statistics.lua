#!lua flags=no-writes,allow-oom
-- Counts of the queue, at one moment.
-- ARGV: none
-- Returns: entries in the lanes, those of them that run, delayed, dead, consumers, 1 where paused, age of the oldest in ms
--   (since it was put in its lane; a returned one: since its enqueue) or -1, then the totals as a flat list of names and values, parked
local entries, running, oldest, now = 0, 0, -1, clock()
for lane = 1, 4 do
  entries = entries + redis.call('XLEN', LANES[lane])
  local group = group_of(lane)
  running = running + (group and group.pending or 0)
  local first = redis.call('XRANGE', LANES[lane], '-', '+', 'COUNT', 1)[1]
  local job = first and lane == RETURNED and read_job(first[2][2], first[2][4])
  if first then
    oldest = math.max(oldest, now - tonumber(string.match(job and job.rest or first[1], '^%d+')))
  end
end
return {
  entries, running, redis.call('ZCARD', DELAYED), redis.call('ZCARD', DEAD), redis.call('ZCARD', CONSUMERS),
  redis.call('EXISTS', PAUSED), oldest, redis.call('HGETALL', STATS),
  redis.call('ZCARD', PARKED),
}
