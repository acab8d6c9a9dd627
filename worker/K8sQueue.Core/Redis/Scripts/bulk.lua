#!lua flags=allow-oom
-- Stands behind the XADDs of a bulk enqueue, in their transaction: counts them, or takes them back where the queue has another
-- major layout. (A full server refused the XADDs, and with them all.) It is sent as text: by its hash, a server that was restarted would
-- add without it.
-- ARGV: 1 layout version; 2 lane; 3 how many were added; 4 the ULID of the last
-- Returns: 1 where the queue is new to this server, else 0
local lane = LANES[tonumber(ARGV[2])]
local last = redis.call('XREVRANGE', lane, '+', '-', 'COUNT', 1)[1]
-- Nobody has read what the XADDs were answered. What one is refused, those behind it are too.
if not last or string.sub(last[2][2], 3, 28) ~= ARGV[4] then
  error({ err = 'ERR ' .. lane .. ' takes no more entries' })
end
local checked, fresh = pcall(check_version, ARGV[1])
if checked then
  count('enqueued', tonumber(ARGV[3]))
  return fresh and 1 or 0
end
for _, entry in ipairs(redis.call('XREVRANGE', lane, '+', '-', 'COUNT', ARGV[3])) do
  redis.call('XDEL', lane, entry[1])
end
error(fresh)
