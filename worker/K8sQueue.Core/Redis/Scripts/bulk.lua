#!lua flags=allow-oom
-- Stands behind the XADDs of a bulk enqueue, in their transaction: counts them, or takes them back where the queue has another
-- major layout. (A full server refused the XADDs, and with them all.) It is sent as text: by its hash, a server that was restarted would
-- add without it.
-- ARGV: 1 layout version; 2 lane; 3 how many were added
-- Returns: 1 where the queue is new to this server, else 0
local checked, fresh = pcall(check_version, ARGV[1])
if checked then
  count('enqueued', tonumber(ARGV[3]))
  return fresh and 1 or 0
end
for _, entry in ipairs(redis.call('XREVRANGE', LANES[tonumber(ARGV[2])], '+', '-', 'COUNT', ARGV[3])) do
  redis.call('XDEL', LANES[tonumber(ARGV[2])], entry[1])
end
error(fresh)
