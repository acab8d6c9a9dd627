#!lua flags=allow-oom
-- Removes a consumer that owns nothing. (DELCONSUMER drops what is pending, so it must not be asked otherwise.)
-- ARGV: 1 consumer
-- Returns: 1 removed, 0 it owns something
local names = { ARGV[1], ARGV[1] .. '~' }
for lane = 1, 4 do
  for _, name in ipairs(names) do
    local pending = redis.pcall('XPENDING', LANES[lane], GROUP, '-', '+', 1, name)
    if not pending.err and pending[1] then
      return 0
    end
  end
end
for lane = 1, 4 do
  for _, name in ipairs(names) do
    redis.pcall('XGROUP', 'DELCONSUMER', LANES[lane], GROUP, name)
  end
end
redis.call('ZREM', CONSUMERS, ARGV[1])
return 1
