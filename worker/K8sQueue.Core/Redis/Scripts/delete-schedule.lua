#!lua flags=allow-oom
-- Deletes a schedule.
-- ARGV: 1 name; 2 the revision that it must have, left out for any
-- Returns: 1 done, 0 there is none, -1 it has another revision
local JOBS = BASE .. 'schedules:jobs'
if ARGV[2] and redis.call('HGET', JOBS, ARGV[1] .. ':v') ~= ARGV[2] then
  return -1
end
redis.call('ZREM', BASE .. 'schedules', ARGV[1])
return redis.call('HDEL', JOBS, ARGV[1], ARGV[1] .. ':v', ARGV[1] .. ':l') > 0 and 1 or 0
