#!lua flags=allow-oom
-- Puts a dead letter back into its lane, as if it had never run.
-- ARGV: 1 the id without its queue
-- Returns: 1 done, 0 there is none, or none that can be read (it is kept)
local ulid = ARGV[1]
local kept = redis.call('HMGET', DEAD_JOBS, ulid .. ':h', ulid .. ':p')
local job = read_job(kept[1], kept[2])
if not job or redis.call('ZREM', DEAD, ulid) == 0 then
  return 0
end
redis.call('HDEL', DEAD_JOBS, ulid .. ':h', ulid .. ':p', ulid .. ':r', ulid .. ':x')
job.attempt, job.crashes, job.epoch = 1, 0, job.epoch + 1
write_header(job)
if is_tracked(ulid) then
  redis.call('DEL', JOB .. ulid)
end
put(job, job.lane)
count('redriven', 1)
return 1
