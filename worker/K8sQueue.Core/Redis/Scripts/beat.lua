#!lua flags=allow-oom
-- Renews the leases of entries that the consumer owns still, and its own sign of life.
-- ARGV: 1 consumer; 2-5 how many ids a lane has; then the ids, lane by lane; then, for who wants to hear of cancelled jobs, the ids of the jobs
--   without their queue in the same order, or ? in place of them
-- Returns: one character an id: 1 renewed, 2 renewed and its job is cancelled, 0 not owned; then, for who wants to hear of them, ? where the
--   queue has jobs that are cancelled: where it has none, their ids need not be sent
redis.call('ZADD', CONSUMERS, text(clock()), ARGV[1])
local answer, at = {}, 6
local total = ARGV[2] + ARGV[3] + ARGV[4] + ARGV[5]
local asked = #ARGV > 5 + total
local named = asked and ARGV[6 + total] ~= '?'
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
      local cancelled = named and is_cancelled(ARGV[i + total])
      answer[#answer + 1] = not claimed[ARGV[i]] and '0' or cancelled and '2' or '1'
    end
    at = at + ids
  end
end
if asked and redis.call('EXISTS', CANCELLED) == 1 then
  answer[#answer + 1] = '?'
end
return table.concat(answer)
