#!lua flags=no-writes,allow-oom
-- Who consumes the queue, the last seen first.
-- ARGV: 1 how many at most
-- Returns: of each its name, the entries that it owns, and the age of its last sign of life in ms
local owned = {}
for lane = 1, 4 do
  local consumers = redis.pcall('XINFO', 'CONSUMERS', LANES[lane], GROUP)
  for _, fields in ipairs(consumers.err and {} or consumers) do
    local name, pending
    for i = 1, #fields, 2 do
      name = fields[i] == 'name' and fields[i + 1] or name
      pending = fields[i] == 'pending' and fields[i + 1] or pending
    end
    -- What a blocking read took is under a name of its own for a moment.
    name = string.gsub(name, '~$', '')
    owned[name] = (owned[name] or 0) + pending
  end
end
local seen, answer, now = redis.call('ZREVRANGE', CONSUMERS, 0, ARGV[1] - 1, 'WITHSCORES'), {}, clock()
for i = 1, #seen, 2 do
  answer[#answer + 1] = seen[i]
  answer[#answer + 1] = owned[seen[i]] or 0
  answer[#answer + 1] = math.max(0, now - tonumber(seen[i + 1]))
end
return answer
