#!lua flags=allow-oom
-- Ends jobs that will not run again: they become dead letters.
-- ARGV: 1 how long the records of dead jobs are kept, in ms; then four a job: lane, id, reason, error
-- Returns: one character a job: 1 done, 0 not owned
local now, answer = clock(), {}
for i = 2, #ARGV, 4 do
  local job = take(tonumber(ARGV[i]), ARGV[i + 1])
  answer[#answer + 1] = job and '1' or '0'
  if job then
    bury(job, ARGV[i + 2], ARGV[i + 3], now, ARGV[1])
  end
end
return table.concat(answer)
