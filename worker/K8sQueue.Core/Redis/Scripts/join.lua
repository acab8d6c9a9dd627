#!lua flags=allow-oom
-- Makes the group of every lane where it is missing, and signs a consumer in.
-- ARGV: 1 layout version; 2 consumer
-- Returns: 1 where the queue is new to this server, else 0
local fresh = check_version(ARGV[1])
for lane = 1, 4 do
  local made = redis.pcall('XGROUP', 'CREATE', LANES[lane], GROUP, '0', 'MKSTREAM')
  if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then
    error(made)
  end
end
redis.call('ZADD', CONSUMERS, text(clock()), ARGV[2])
return fresh and 1 or 0
