#!lua flags=allow-oom
-- Cancels a job. One that waits, for a time, a slot or a worker, ends at once; one that runs is noted, and so is one of which nothing says
-- where it stands: it ends when it is fetched, or its owner hears of it with its next heartbeat.
-- ARGV: 1 the id without its queue; 2 how long the record is kept, in ms
-- Returns: 1 cancelled, 2 noted, 0 there is no such job, or it has ended
local ulid, retention = ARGV[1], ARGV[2]

local function cancel_aside()
  local job, kept = take_aside(ulid)
  if job then
    cancel(job, retention)
    return 1
  end
  bury(corrupt_aside(ulid, kept), 'Corrupt', 'The job that was cancelled could not be read.', clock())
  return 0
end

-- Ends the job where the entry that its record names is nobody's yet.
local function cancel_in_lane(lane, id)
  if not lane or not id then
    return false
  end
  local pending = redis.pcall('XPENDING', LANES[lane], GROUP, id, id, 1)
  if pending[1] or pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
    return false
  end
  local entry = redis.call('XRANGE', LANES[lane], id, id)[1]
  local job = entry and read_job(entry[2][2], entry[2][4])
  if not job or job.ulid ~= ulid or redis.call('XDEL', LANES[lane], id) == 0 then
    return false
  end
  cancel(job, retention)
  return true
end

-- What stands in a lane now has an id of this time or before, whatever the clock did.
local function time_of_lanes()
  local time, now = 0, clock()
  for lane = 1, 4 do
    local stream = redis.pcall('XINFO', 'STREAM', LANES[lane])
    for i = 1, stream.err and 0 or #stream, 2 do
      if stream[i] == 'last-generated-id' then
        time = math.max(time, tonumber(string.match(stream[i + 1], '^%d+')))
      end
    end
  end
  return text(math.max(time, now))
end

local function waiting()
  local entries = 0
  for lane = 1, 4 do
    entries = entries + redis.call('XLEN', LANES[lane])
  end
  return entries
end

if redis.call('ZREM', DELAYED, ulid) == 1 or redis.call('ZREM', PARKED, ulid) == 1 then
  return cancel_aside()
end
if redis.call('ZSCORE', DEAD, ulid) or waiting() == 0 and not is_tracked(ulid) then
  return 0
end
if is_tracked(ulid) then
  local key = JOB .. ulid
  local state, lane, id = unpack(redis.call('HMGET', key, 's', 'l', 'e'))
  if state == 'Cancelled' then
    return 1
  end
  if state ~= 'Waiting' and state ~= 'Running' then
    return 0
  end
  if cancel_in_lane(LANES[tonumber(lane)] and tonumber(lane), id) then
    return 1
  end
  redis.call('HSET', key, 'c', retention)
end
redis.call('ZADD', CANCELLED, time_of_lanes(), ulid)
return 2
