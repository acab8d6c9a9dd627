#!lua flags=allow-oom
-- Puts a cancelled job back into its lane, as if it had never run. Its record has its payload, and outlasts a queue that is deleted.
-- ARGV: 1 the id without its queue; 2 layout version
-- Returns: 1 done, 0 there is no record, 2 another job has its deduplication key, 3 it has not ended, 4 it has ended and its payload is not kept,
--   5 done, and the queue is new to this server
read_version(ARGV[2])
local ulid = ARGV[1]
local key, large = JOB .. ulid, BASE .. 'payload:' .. ulid
local state, header, payload = unpack(redis.call('HMGET', key, 's', 'h', 'd'))
if not state then
  return 0
end
if state ~= 'Cancelled' then
  return (state == 'Completed' or state == 'Dead') and 4 or 3
end
local job = read_job(header, payload)
if not job or trait(job, 's') and redis.call('EXISTS', large) == 0 then
  return 4
end
local holder = trait(job, 'u') and claim_key(job)
if holder and holder ~= ulid then
  return 2
end
job.attempt, job.crashes, job.epoch = 1, 0, job.epoch + 1
write_header(job)
redis.call('DEL', key)
redis.call('PERSIST', large)
put(job, job.lane)
tell(ulid, 'redriven')
count('redriven', 1)
return check_version(ARGV[2]) and 5 or 1
