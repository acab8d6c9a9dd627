#!lua flags=allow-oom
-- Removes from the outbox what was told, but for jobs that have ended anew meanwhile.
-- ARGV: two a job: its id without its queue, what was told
-- Returns: how many were removed
local removed = 0
for i = 1, #ARGV, 2 do
  if redis.call('HGET', BASE .. 'outbox', ARGV[i]) == ARGV[i + 1] then
    removed = removed + redis.call('HDEL', BASE .. 'outbox', ARGV[i])
  end
end
return removed
