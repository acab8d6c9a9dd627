#!lua flags=allow-oom
-- Stops or resumes the starts of the queue's jobs.
-- ARGV: 1 1 to pause, 0 to resume
-- Returns: 1
if ARGV[1] == '1' then
  redis.call('SADD', PAUSED, 'paused')
else
  redis.call('DEL', PAUSED)
end
return 1
