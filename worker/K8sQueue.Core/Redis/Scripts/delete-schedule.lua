#!lua flags=allow-oom
-- Deletes a schedule.
-- ARGV: 1 name
-- Returns: 1 done, 0 there is none
local JOBS = BASE .. 'schedules:jobs'
redis.call('ZREM', BASE .. 'schedules', ARGV[1])
return redis.call('HDEL', JOBS, ARGV[1], ARGV[1] .. ':v', ARGV[1] .. ':l') > 0 and 1 or 0
