#!lua flags=no-writes,allow-oom
-- A batch and where it stands.
-- ARGV: 1 its id without its queue; 2 how many of its jobs to leave out; 3 how many to tell
-- Returns: nothing where there is none; else jobs, those that are open, those that failed, when it was written in ms, when it ended in ms
--   (empty: it did not), 1 where it is sealed, the ids of its callbacks without their queue (empty for none), 1 where the one for success was
--   enqueued, the batch that a callback belongs to which was not (empty for none), then two a job: its id, 0 open, 1 failed, 2 completed
local key = BASE .. 'batch:' .. ARGV[1]
local kept = redis.call('HMGET', key, 'n', 'a', 'f', 'q', 'c', 's', 's:h', 's:t', 'c:h', 'c:t')
if not kept[1] then
  return {}
end
local waiting = kept[7] and new_job(kept[7], '0', kept[8], '') or kept[9] and new_job(kept[9], '0', kept[10], '')
local result = {
  tonumber(kept[1]), redis.call('SCARD', key .. ':open'), redis.call('SCARD', key .. ':failed'), kept[2], kept[3] or '', kept[4] and 1 or 0,
  kept[5] or '', kept[6] or '', kept[6] and not kept[7] and 1 or 0,
  waiting and trait(waiting, 'b') or '',
}
local first, many = tonumber(ARGV[2]), tonumber(ARGV[3])
for _, id in ipairs(many > 0 and redis.call('LRANGE', key .. ':jobs', first, first + many - 1) or {}) do
  result[#result + 1] = id
  result[#result + 1] = redis.call('SISMEMBER', key .. ':open', id) == 1 and 0 or redis.call('SISMEMBER', key .. ':failed', id) == 1 and 1 or 2
end
return result
