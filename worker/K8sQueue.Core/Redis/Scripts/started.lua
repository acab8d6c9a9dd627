#!lua flags=allow-oom
-- Writes to the records of tracked jobs that they run, where a direct read took them.
-- ARGV: 1 consumer; then three a job: lane, id, header
-- Returns: 1
local now = text(clock())
for i = 2, #ARGV, 3 do
  local pending = redis.pcall('XPENDING', LANES[tonumber(ARGV[i])], GROUP, ARGV[i + 1], ARGV[i + 1], 1, ARGV[1])
  if not pending.err and pending[1] then
    record_start(ARGV[i + 2], now, ARGV[1])
  end
end
return 1
