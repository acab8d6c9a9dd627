#!lua flags=allow-oom
-- Puts a dead letter back into its lane, as if it had never run.
-- ARGV: 1 the id without its queue; 2 and 3, where it gets another payload: the traits that say how that is kept, and the payload
-- Returns: 1 done, 0 there is none, or none that can be read (it is kept), 2 another job has its deduplication key (it is kept)
local ulid = ARGV[1]
local kept = redis.call('HMGET', DEAD_JOBS, ulid .. ':h', ulid .. ':p')
local job = read_job(kept[1], kept[2])
if not job or not redis.call('ZSCORE', DEAD, ulid) then
  return 0
end
local holder = trait(job, 'u') and claim_key(job)
if holder and holder ~= ulid then
  return 2
end
redis.call('ZREM', DEAD, ulid)
redis.call('HDEL', DEAD_JOBS, ulid .. ':h', ulid .. ':p', ulid .. ':r', ulid .. ':x')
job.attempt, job.crashes, job.epoch = 1, 0, job.epoch + 1
if ARGV[3] then
  drop_payload(job)
  local front, traits, back = string.match(job.rest, '^(%d+;[hnl];[^;]*;[^;]*;[^;]*;)([^;]*)(;.*)$')
  local kept = {}
  for part in string.gmatch(traits, '[^,]+') do
    if not string.find(part, '^[sz]=') then
      kept[#kept + 1] = part
    end
  end
  kept[#kept + 1] = ARGV[2] ~= '' and ARGV[2] or nil
  job.rest, job.traits, job.payload = front .. table.concat(kept, ',') .. back, nil, ARGV[3]
  store_payload(job)
end
write_header(job)
if is_tracked(ulid) then
  redis.call('DEL', JOB .. ulid)
end
put(job, job.lane)
tell(ulid, 'redriven')
count('redriven', 1)
return 1
