#!lua
-- Fires a schedule: adds the jobs of its starts and sets its next time, where it is as it was when this was decided. So each of its times is
-- served once, however many processes look and whatever their clocks say.
-- ARGV: 1 layout version; 2 name; 3 its revision; 4 its time that is next, in ms; 5 the one after it, empty for none; 6 the time in ms at which
--   something else would have to be decided; 7 payload; then three a start: its due time in ms, header up to the time of enqueue, header behind it
-- Returns: 1 where the queue is new to this server, else 0; then two for each start that was left out: its position from 0, and the id without
--   its queue of the job that has its deduplication key. Only -1: it is not as it was, or too late
local SCHEDULES, JOBS = BASE .. 'schedules', BASE .. 'schedules:jobs'
local fresh = check_version(ARGV[1])
local now, name = clock(), ARGV[2]
if tonumber(redis.call('ZSCORE', SCHEDULES, name) or -1) ~= tonumber(ARGV[4]) or redis.call('HGET', JOBS, name .. ':v') ~= ARGV[3]
    or now >= tonumber(ARGV[6]) then
  return { -1 }
end
if ARGV[5] == '' then
  redis.call('ZREM', SCHEDULES, name)
else
  redis.call('ZADD', SCHEDULES, ARGV[5], name)
end
local stamp, result, added = text(now), { fresh and 1 or 0 }, 0
for i = 8, #ARGV, 3 do
  local job = new_job(ARGV[i + 1], stamp, ARGV[i + 2], ARGV[7])
  local twin = accept(job)
  if twin then
    result[#result + 1] = (i - 8) / 3
    result[#result + 1] = twin
  else
    redis.call('HSET', JOBS, name .. ':l', ARGV[i] .. ';' .. job.ulid)
    added = added + 1
  end
end
count('enqueued', added)
return result
