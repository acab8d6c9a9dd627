#!lua flags=allow-oom
-- Stands behind the XADDs of a bulk enqueue, in their transaction: counts them, or takes them back where the queue has another
-- major layout. (A full server refused the XADDs, and with them all.) It is sent as text: by its hash, a server that was restarted would
-- add without it. Nobody hears its answer: it leaves word for bulk-word.lua, 1 where the queue is new to this server, else 0, or an error.
-- ARGV: 1 layout version; 2 lane; 3 how many were added; 4 the ULID of the last
local lane = LANES[tonumber(ARGV[2])]
local function leave_word(word)
  redis.call('SET', BASE .. 'bulk:' .. ARGV[4], word, 'PX', 60000)
end
-- Nor has anybody heard what the XADDs were answered. What one is refused, those behind it are too.
local entries = redis.pcall('XREVRANGE', lane, '+', '-', 'COUNT', 1)
if entries.err then
  return leave_word(entries.err)
end
if not entries[1] or string.sub(entries[1][2][2], 3, 28) ~= ARGV[4] then
  return leave_word('ERR ' .. lane .. ' takes no more entries')
end
local checked, fresh = pcall(check_version, ARGV[1])
if checked then
  count('enqueued', tonumber(ARGV[3]))
  return leave_word(fresh and '1' or '0')
end
for _, entry in ipairs(redis.call('XREVRANGE', lane, '+', '-', 'COUNT', ARGV[3])) do
  redis.call('XDEL', lane, entry[1])
end
leave_word(fresh.err or fresh)
