#!lua flags=allow-oom
-- Hands jobs back, first in line, with the attempt that they had. Those that were cancelled end.
-- ARGV: two a job: lane, id
-- Returns: one character a job: 1 done, 0 not owned
local answer, released = {}, 0
for i = 1, #ARGV, 2 do
  local job = take(tonumber(ARGV[i]), ARGV[i + 1])
  answer[#answer + 1] = job and '1' or '0'
  if job then
    clear(job)
  end
  if job and put_back(job, true) then
    released = released + 1
    tell(job.ulid, 'released')
  end
end
count('released', released)
return table.concat(answer)
