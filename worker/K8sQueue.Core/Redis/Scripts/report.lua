#!lua flags=allow-oom
-- Adds what a worker did for the queue, and counts by the minute what arrived since anybody last looked: an enqueue counts in a total
-- alone. What arrived in a gap is spread over it, so that a look that comes late makes no peak. All of it expires.
-- KEYS: 1 stats; 2 load; 3 what the keys of minutes start with
-- ARGV: 1 how long it is kept, in ms; 2 how long the worker sampled, in ms (0: there is no sample); then a field of the minute and what
--   is added to it, any number of times
-- Returns: 1
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local current = math.floor(now / 60000)

local function text(number)
  return string.format('%.0f', number)
end

local function key_of(minute)
  return KEYS[3] .. text(minute)
end

-- KEYS[3] .. minute gets its part of the time from a look to now; the parts add up to what arrived.
local function spread(arrived, from)
  local given = 0
  for minute = math.floor(from / 60000), current do
    local reached = minute == current and arrived or math.floor(arrived * ((minute + 1) * 60000 - from) / (now - from))
    if reached > given then
      redis.call('HINCRBY', key_of(minute), 'a', text(reached - given))
      redis.call('PEXPIRE', key_of(minute), ARGV[1])
    end
    given = reached
  end
end

local total = tonumber(redis.call('HGET', KEYS[1], 'enqueued') or 0)
local look = redis.call('HMGET', KEYS[2], 'at', 'enqueued')
local at, before = tonumber(look[1] or nil), tonumber(look[2] or nil)
if at and before and at <= now and before <= total then
  spread(total - before, at)
else
  redis.call('HSET', KEYS[2], 'since', text(now))
end
redis.call('HSET', KEYS[2], 'at', text(now), 'enqueued', text(total))
redis.call('PEXPIRE', KEYS[2], ARGV[1])

if ARGV[2] ~= '0' then
  local key = key_of(current)
  redis.call('HSETNX', key, 'f', text(now - tonumber(ARGV[2])))
  redis.call('HSET', key, 'u', text(now))
  for i = 3, #ARGV, 2 do
    redis.call('HINCRBY', key, ARGV[i], ARGV[i + 1])
  end
  redis.call('PEXPIRE', key, ARGV[1])
end
return 1
