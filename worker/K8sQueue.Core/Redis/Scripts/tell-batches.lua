#!lua flags=allow-oom
-- Tells batches of this queue of jobs of other queues that have ended. To tell it again changes nothing. The queue may have been deleted since: what a
-- batch puts into it makes it anew.
-- ARGV: 1 layout version; then three a job: the batch's id without its queue, the job's id, 1 where it is completed, else 0
-- Returns: 1 where the queue is new to this server and has something, else 0
read_version(ARGV[1])
for i = 2, #ARGV, 3 do
  batches().job_ended(ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1')
end
local has = redis.call('EXISTS', LANES[1], LANES[2], LANES[3], LANES[4], DELAYED, PARKED) > 0
return has and check_version(ARGV[1]) and 1 or 0
