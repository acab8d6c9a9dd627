#!lua flags=allow-oom
-- Ends jobs that were cancelled while they ran.
-- ARGV: 1 how long their records are kept, in ms; then two a job: lane, id
-- Returns: one character a job: 1 done, 0 not owned
local answer = {}
for i = 2, #ARGV, 2 do
  local job = take(tonumber(ARGV[i]), ARGV[i + 1])
  answer[#answer + 1] = job and '1' or '0'
  if job and job.corrupt then
    put_back(job)
  elseif job then
    stop(job, ARGV[1])
  end
end
return table.concat(answer)
