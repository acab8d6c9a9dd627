#!lua flags=allow-oom
-- Deletes a dead letter for good.
-- ARGV: 1 the id without its queue
-- Returns: 1 done, 0 there is none
local ulid = ARGV[1]
if redis.call('ZREM', DEAD, ulid) == 0 then
  return 0
end
redis.call('HDEL', DEAD_JOBS, ulid .. ':h', ulid .. ':p', ulid .. ':r', ulid .. ':x')
redis.call('DEL', BASE .. 'payload:' .. ulid)
return 1
