#!lua flags=allow-oom
-- Takes jobs lane by lane, never waiting. A blocking read delivers entries to '<consumer>~'; here they are counted as
-- starts and moved to the consumer itself, or put back uncounted where the queue is paused or they are not wanted.
-- Jobs that were cancelled end here.
-- ARGV: 1 consumer; 2 how many (0: only put back); 3 1 to start at the low lane; 4 1 behind a blocking read
-- Fails where a lane can't be read and nothing was taken from another one.
-- Returns: 0 taken, 1 paused, 2 a group is missing; then a lane and its entries, any number of times
local MOST_ENDED = 1000
local consumer, wanted = ARGV[1], tonumber(ARGV[2])
local paused = redis.call('EXISTS', PAUSED) == 1
local now = text(clock())
local started, ended, result = 0, 0, { paused and 1 or 0 }
cancelling = redis.call('EXISTS', CANCELLED) == 1

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

local function start(lane, entries)
  entries = without_cancelled(lane, entries)
  if #entries == 0 then
    return
  end
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    if fields[1] == 'h' then
      record_start(fields[2], now, consumer)
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
    if paused or wanted == 0 then
      local job = take(lane, entry[1])
      if job then
        put_back(job)
      end
    else
      start(lane, redis.call('XCLAIM', LANES[lane], GROUP, consumer, 0, entry[1]))
    end
  end
end

if ARGV[4] == '1' then
  for lane = 1, 4 do
    settle_delivered(lane)
  end
end

if not paused then
  for _, lane in ipairs(ARGV[3] == '1' and { 4, 1, 2, 3 } or { 1, 2, 3, 4 }) do
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
count('started', started)
return result
