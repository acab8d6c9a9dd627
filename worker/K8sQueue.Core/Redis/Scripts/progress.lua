#!lua flags=allow-oom
-- Notes in the records of tracked jobs how far they are, for their owner. The entry's id stands beside it: it is of one attempt.
-- ARGV: 1 consumer; then five a job: lane, id, the job's id without its queue, the share that is done, a note or nothing
-- Returns: one character a job: 1 done, 0 not owned
local now, answer = text(clock()), {}
for i = 2, #ARGV, 5 do
  local lane, id, ulid = tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local pending = redis.pcall('XPENDING', LANES[lane], GROUP, id, id, 1, ARGV[1])
  local owned = not pending.err and pending[1] and redis.call('HGET', JOB .. ulid, 'e') == id
  if owned then
    redis.call('HSET', JOB .. ulid, 'p', id .. ';' .. ARGV[i + 3] .. ';' .. now .. ';' .. ARGV[i + 4])
    tell(ulid, 'progress', 'g', ARGV[i + 3], 'n', ARGV[i + 4])
  end
  answer[#answer + 1] = owned and '1' or '0'
end
return table.concat(answer)
