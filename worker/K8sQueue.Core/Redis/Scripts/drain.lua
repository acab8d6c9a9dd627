#!lua flags=allow-oom
-- Cancels jobs that wait: delayed ones where they are meant, parked ones, and those that stand in the lanes and are nobody's yet.
-- ARGV: 1 how many at most; 2 1 where delayed ones are meant; 3 how long the records are kept, in ms
-- Returns: how many ended; fewer than were asked for where no more wait
local most, retention, ended = tonumber(ARGV[1]), ARGV[3], 0

local function end_aside(set)
  for _, ulid in ipairs(ended < most and redis.call('ZRANGE', set, 0, most - ended - 1) or {}) do
    -- The slot of one that ended before may have let it in.
    if redis.call('ZREM', set, ulid) == 1 then
      local job, kept = take_aside(ulid)
      if job then
        cancel(job, retention)
      else
        bury(corrupt_aside(ulid, kept), 'Corrupt', 'The job that was cancelled could not be read.', clock())
      end
      ended = ended + 1
    end
  end
end

-- What stands behind where a lane's group has read is nobody's.
local function end_in_lane(lane)
  local group = group_of(lane)
  local read = group and group['last-delivered-id'] or '0-0'
  for _, entry in ipairs(ended < most and redis.call('XRANGE', LANES[lane], '(' .. read, '+', 'COUNT', most - ended) or {}) do
    local id, fields = entry[1], entry[2]
    local job = fields[1] == 'h' and fields[3] == 'p' and read_job(fields[2], fields[4])
    redis.call('XDEL', LANES[lane], id)
    if job then
      cancel(job, retention)
    else
      bury(corrupt_job(lane, id, fields), 'Corrupt', 'The entry that was cancelled could not be read.', clock())
    end
    ended = ended + 1
  end
end

if ARGV[2] == '1' then
  end_aside(DELAYED)
end
-- Before those that hold their slots: each of these would let one of them in.
end_aside(PARKED)
for lane = 1, 4 do
  end_in_lane(lane)
end
return ended
