#!lua
-- Writes a schedule, unless somebody else did meanwhile.
-- ARGV: 1 layout version; 2 name; 3 the revision that it has, empty where there is none; 4 its next revision; 5 definition; 6 next time in ms,
--   empty for none; 7 the most schedules of the queue
-- Returns: 1 where the queue is new to this server, else 0; -1 it has another revision, -2 there are too many
local SCHEDULES, JOBS = BASE .. 'schedules', BASE .. 'schedules:jobs'
local fresh = check_version(ARGV[1])
local name = ARGV[2]
local revision = redis.call('HGET', JOBS, name .. ':v') or ''
if revision ~= ARGV[3] then
  return -1
end
if revision == '' then
  if redis.call('HLEN', JOBS) >= 3 * tonumber(ARGV[7]) then
    return -2
  end
  redis.call('HSET', JOBS, name .. ':l', '')
end
redis.call('HSET', JOBS, name, ARGV[5], name .. ':v', ARGV[4])
if ARGV[6] == '' then
  redis.call('ZREM', SCHEDULES, name)
else
  redis.call('ZADD', SCHEDULES, ARGV[6], name)
end
return fresh and 1 or 0
