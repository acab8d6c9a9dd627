#!lua flags=allow-oom
-- Ends failed attempts and sets their jobs aside for the next one. Those that were cancelled end.
-- ARGV: four a job: lane, id, delay in ms, error
-- Returns: one character a job: 1 done, 0 not owned
local now, answer, retried = clock(), {}, 0
for i = 1, #ARGV, 4 do
  local job = take(tonumber(ARGV[i]), ARGV[i + 1])
  answer[#answer + 1] = job and '1' or '0'
  if job and job.corrupt then
    put_back(job)
  elseif job and is_cancelled(job.ulid) then
    stop(job)
  elseif job then
    tell(job.ulid, 'failed', 'a', text(job.attempt), 'd', ARGV[i + 2], 'x', short(ARGV[i + 3]))
    clear(job)
    job.attempt = job.attempt + 1
    job.epoch = job.epoch + 1
    local delay = tonumber(ARGV[i + 2])
    put(write_header(job), job.lane, delay > 0 and now + delay or nil)
    record(job, 'x', ARGV[i + 3])
    retried = retried + 1
  end
end
count('retried', retried)
return table.concat(answer)
