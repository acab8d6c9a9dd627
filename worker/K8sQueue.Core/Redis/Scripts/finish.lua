#!lua flags=allow-oom
-- Ends jobs that are done and hold something that others wait for, or whose records are kept for a time of their own: complete.lua, which
-- reads no entry, can't. What they hold is in their headers.
-- ARGV: 1 how long records are kept, in ms; then three a job: lane, id, result (empty for none)
-- Returns: one character a job: 1 done, 0 not owned
local now, answer, done = text(clock()), {}, 0
for i = 2, #ARGV, 3 do
  local job = take(tonumber(ARGV[i]), ARGV[i + 1])
  answer[#answer + 1] = job and '1' or '0'
  if job and job.corrupt then
    put_back(job)
  elseif job then
    local retention = trait(job, 'r') or ARGV[1]
    if retention == '0' and is_tracked(job.ulid) then
      redis.call('DEL', JOB .. job.ulid)
    elseif is_tracked(job.ulid) then
      record(job, 's', 'Completed', 'f', now)
      if ARGV[i + 2] ~= '' then
        record(job, 'r', ARGV[i + 2])
      end
      redis.call('PEXPIRE', JOB .. job.ulid, retention)
    end
    tell(job.ulid, 'completed')
    finish(job, true)
    drop_payload(job)
    done = done + 1
  end
end
count('completed', done)
return table.concat(answer)
