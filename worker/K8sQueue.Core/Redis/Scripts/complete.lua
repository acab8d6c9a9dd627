#!lua flags=allow-oom
-- Ends jobs that are done.
-- ARGV: 1 how long records are kept, in ms; 2-5 how many ids a lane has; then the ids, lane by lane; then three a tracked
--   job: the position of its id from 1, the id without its queue, the result (empty for none)
-- Returns: one character an id: 1 done, 0 not owned
local answer, at, done = {}, 6, 0
for lane = 1, 4 do
  local ended = {}
  for _ = 1, tonumber(ARGV[lane + 1]) do
    if redis.call('XACK', LANES[lane], GROUP, ARGV[at]) == 1 then
      ended[#ended + 1] = ARGV[at]
      answer[#answer + 1] = '1'
    else
      answer[#answer + 1] = '0'
    end
    at = at + 1
  end
  if #ended > 0 then
    redis.call('XDEL', LANES[lane], unpack(ended))
    done = done + #ended
  end
end
count('completed', done)
if at <= #ARGV then
  local now = text(clock())
  for i = at, #ARGV, 3 do
    if answer[tonumber(ARGV[i])] == '1' then
      local key = JOB .. ARGV[i + 1]
      redis.call('HSET', key, 's', 'Completed', 'f', now)
      if ARGV[i + 2] ~= '' then
        redis.call('HSET', key, 'r', ARGV[i + 2])
      end
      redis.call('PEXPIRE', key, ARGV[1])
    end
  end
end
return table.concat(answer)
