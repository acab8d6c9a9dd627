#!lua flags=allow-oom
-- All jobs of batches are enqueued: their records are kept until they end, and a while after.
-- ARGV: 1 for how long at most, in ms; then the batches' ids without their queue
-- Returns: 1
for i = 2, #ARGV do
  local key = BASE .. 'batch:' .. ARGV[i]
  if redis.call('EXISTS', key) == 1 then
    redis.call('HSET', key, 'q', 1)
    if redis.call('HEXISTS', key, 'f') == 0 then
      batches().keep(key, ARGV[1])
    end
  end
end
return 1
