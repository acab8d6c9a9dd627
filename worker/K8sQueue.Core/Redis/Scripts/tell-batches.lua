#!lua flags=allow-oom
-- Tells batches of this queue of jobs of other queues that have ended. To tell it again changes nothing.
-- ARGV: three a job: the batch's id without its queue, the job's id, 1 where it is completed, else 0
-- Returns: 1
for i = 1, #ARGV, 3 do
  batches().job_ended(ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1')
end
return 1
