#!lua
-- Adds jobs of one queue, all or none, in order; but leaves out those whose deduplication key is taken: by another job, or by the very job,
-- where the call is repeated because its answer was lost. The only script that a full server refuses.
-- ARGV: 1 layout version; then four a job: header up to the time, header behind it, delay in ms (0 for none), payload
-- Returns: 1 where the queue is new to this server, else 0; then two for each job that was left out: its position from 0, and the
--   id without its queue of the job that has the key
local fresh = check_version(ARGV[1])
local now = clock()
local stamp, result, added = text(now), { fresh and 1 or 0 }, 0
for i = 2, #ARGV, 4 do
  local delay = tonumber(ARGV[i + 2])
  local job = new_job(ARGV[i], stamp, ARGV[i + 1], ARGV[i + 3])
  local twin = accept(job, delay > 0 and now + delay or nil)
  if twin then
    result[#result + 1] = (i - 2) / 4
    result[#result + 1] = twin
  else
    added = added + 1
  end
end
count('enqueued', added)
-- Who waits for the disk waits for what its own connection wrote last: so for the job that has the key, too.
count('duplicates', (#result - 1) / 2)
return result
