#!lua flags=no-writes,allow-oom
-- What was reported of the queue's load.
-- KEYS: 1 stats; 2 load; 3 what the keys of minutes start with
-- ARGV: 1 how many minutes
-- Returns: the time in ms; since when arrivals are counted, in ms, or -1; what arrived since anybody last looked; then a minute since 1970
--   and its fields and values as a flat list, any number of times, oldest first
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local current = math.floor(now / 60000)
local total = tonumber(redis.call('HGET', KEYS[1], 'enqueued') or 0)
local look = redis.call('HMGET', KEYS[2], 'since', 'enqueued')
local before = tonumber(look[2] or total)
local result = { now, tonumber(look[1] or -1), math.max(0, total - before) }
for minute = current - tonumber(ARGV[1]) + 1, current do
  local fields = redis.call('HGETALL', KEYS[3] .. string.format('%.0f', minute))
  if #fields > 0 then
    result[#result + 1] = minute
    result[#result + 1] = fields
  end
end
return result
