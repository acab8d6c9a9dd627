#!lua flags=allow-oom
-- Deletes what is kept of a job that has ended: its record, and it itself where it is a dead letter.
-- ARGV: 1 the id without its queue
-- Returns: 1 done, 0 nothing is kept, 2 it has not ended
local ulid = ARGV[1]
local state = redis.call('HGET', JOB .. ulid, 's')
local dead = redis.call('ZREM', DEAD, ulid) == 1
if dead then
  redis.call('HDEL', DEAD_JOBS, ulid .. ':h', ulid .. ':p', ulid .. ':r', ulid .. ':x')
elseif state ~= 'Completed' and state ~= 'Cancelled' and state ~= 'Dead' then
  return state and 2 or 0
end
redis.call('DEL', JOB .. ulid, BASE .. 'payload:' .. ulid)
return 1
