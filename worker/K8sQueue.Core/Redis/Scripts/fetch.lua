#!lua flags=allow-oom
-- Takes jobs lane by lane, never waiting. A blocking read delivers entries to '<consumer>~'; here they are counted as
-- starts and moved to the consumer itself, or put back uncounted where the queue is paused or they are not wanted.
-- Jobs that were cancelled end here, and no more are taken than the queue's limits let start.
-- ARGV: 1 consumer; 2 how many (0: only put back); 3 1 to start at the low lane, 2 at the normal one; 4 1 behind a blocking read; 5 1 to hear of limits
-- Fails where a lane can't be read and nothing was taken from another one.
-- Returns: 0 taken, 1 paused, 2 a group is missing, 3 the queue has limits (0 for who does not hear of them); for who does, what holds jobs
--   that wait: 0 nothing, 1 the rate, 2 as many run as may; and in how many ms the next may start, 0 where that can't be told; then a lane and
--   its entries, any number of times
local MOST_ENDED = 1000
local ORDERS = { ['1'] = { 4, 1, 2, 3 }, ['2'] = { 3, 1, 2, 4 } }
local consumer, wanted, hears = ARGV[1], tonumber(ARGV[2]), ARGV[5] == '1'
local now = clock()
local special = redis.call('EXISTS', PAUSED, CANCELLED, LIMITS, SUSPECT) > 0
local paused = special and redis.call('EXISTS', PAUSED) == 1
local limited = special and redis.call('EXISTS', LIMITS) == 1
cancelling = special and redis.call('EXISTS', CANCELLED) == 1
local suspecting = special and redis.call('EXISTS', SUSPECT) == 1
local started, ended, result = 0, 0, { paused and 1 or limited and hears and 3 or 0 }
if hears then
  result[2], result[3] = 0, 0
end

-- What is left of entries when the jobs that were cancelled have ended.
local function without_cancelled(lane, entries)
  if not cancelling then
    return entries
  end
  local left = {}
  for _, entry in ipairs(entries) do
    if entry[2][1] == 'h' and is_cancelled(string.sub(entry[2][2], 3, 28)) then
      put_back(take(lane, entry[1]))
      ended = ended + 1
    else
      left[#left + 1] = entry
    end
  end
  return left
end

-- A suspect has so long to show that it does not end its worker.
local function begin_trial(header)
  if suspecting and redis.call('SISMEMBER', SUSPECT, string.sub(header, 3, 28)) == 1 then
    redis.call('HSET', TRIAL, string.sub(header, 3, 28), text(now))
  end
end

local function start(lane, entries)
  entries = without_cancelled(lane, entries)
  if #entries == 0 then
    return
  end
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    if fields[1] == 'h' then
      record_start(fields[2], text(now), consumer)
      begin_trial(fields[2])
    end
  end
  result[#result + 1] = lane
  result[#result + 1] = entries
  started = started + #entries
  wanted = wanted - #entries
end

local function settle_delivered(lane)
  local delivered = redis.pcall('XPENDING', LANES[lane], GROUP, '-', '+', 100, consumer .. '~')
  for _, entry in ipairs(delivered.err and {} or delivered) do
    if paused or limited or wanted == 0 then
      local job = take(lane, entry[1])
      if job then
        put_back(job)
      end
    else
      start(lane, redis.call('XCLAIM', LANES[lane], GROUP, consumer, 0, entry[1]))
    end
  end
end

-- How many of the wanted jobs the limits let start, and what holds the others.
local function allow(rate)
  local running, standing = 0, 0
  for lane = 1, 4 do
    local group, length = group_of(lane), redis.pcall('XLEN', LANES[lane])
    running = running + (group and group.pending or 0)
    standing = standing + (type(length) == 'number' and length or 0)
  end
  local most = tonumber(redis.call('HGET', LIMITS, 'concurrency') or nil) or math.huge
  local tokens = rate and math.floor(rate.credit / rate.period) or math.huge
  local allowed = math.min(wanted, tokens, math.max(0, most - running))
  if hears and allowed == 0 and wanted > 0 and standing > running then
    result[2] = tokens == 0 and 1 or 2
    result[3] = tokens == 0 and math.ceil((rate.period - rate.credit) / rate.jobs) or 0
  end
  return allowed
end

if ARGV[4] == '1' then
  for lane = 1, 4 do
    settle_delivered(lane)
  end
end

local rate = limited and bucket(now)
if limited and not paused then
  wanted = allow(rate)
end
if not paused then
  for _, lane in ipairs(ORDERS[ARGV[3]] or { 1, 2, 3, 4 }) do
    -- Again where some of what was read was cancelled, but not without a bound.
    local before = -1
    while wanted > 0 and ended > before and ended < MOST_ENDED do
      before = ended
      local reply = redis.pcall('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', wanted, 'STREAMS', LANES[lane], '>')
      if reply and reply.err then
        if string.find(reply.err, 'NOGROUP', 1, true) then
          result[1] = 2
        elseif started == 0 then
          error(reply)
        end
      elseif reply then
        start(lane, reply[1][2])
      end
    end
  end
end
if rate and (started > 0 or rate.behind) then
  keep_credit(rate.credit - started * rate.period, now)
end
count('started', started)
return result
