#!lua flags=allow-oom
-- Renews the leases of entries that the consumer owns still, and its own sign of life.
-- ARGV: 1 consumer; 2-5 how many ids a lane has; then the ids, lane by lane
-- Returns: one character an id: 1 renewed, 0 not owned
redis.call('ZADD', CONSUMERS, text(clock()), ARGV[1])
local answer, at = {}, 6
for lane = 1, 4 do
  local ids = tonumber(ARGV[lane + 1])
  if ids > 0 then
    local pending, owned, claimed = redis.pcall('XPENDING', LANES[lane], GROUP, '-', '+', 1000000, ARGV[1]), {}, {}
    if not pending.err then
      for _, entry in ipairs(pending) do
        owned[entry[1]] = true
      end
    end
    local batch = {}
    for i = at, at + ids - 1 do
      if owned[ARGV[i]] then
        batch[#batch + 1] = ARGV[i]
      end
      if #batch == 1000 or (i == at + ids - 1 and #batch > 0) then
        batch[#batch + 1] = 'JUSTID'
        for _, id in ipairs(redis.call('XCLAIM', LANES[lane], GROUP, ARGV[1], 0, unpack(batch))) do
          claimed[id] = true
        end
        batch = {}
      end
    end
    for i = at, at + ids - 1 do
      answer[#answer + 1] = claimed[ARGV[i]] and '1' or '0'
    end
    at = at + ids
  end
end
return table.concat(answer)
