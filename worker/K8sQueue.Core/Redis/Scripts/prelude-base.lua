-- Shared by every script of a queue: the loader puts it behind a script's first line.
-- KEYS, the same for every script: 1-4 the lanes returned, high, normal, low; 5 version; 6 delayed; 7 delayed:jobs;
--   8 dead; 9 dead:jobs; 10 paused; 11 consumers; 12 stats; 13 reaper; 14 what the keys of job records start with
-- Further keys are made of 14's: see BASE.
-- A header is '1;<ulid>;<attempt>;<crashes>;<epoch>;<enqueued at>;<lane>;<retry>;<timeout>;<trace>;<traits>;<type>'.
local GROUP = 'workers'
local RETURNED, LANE_OF = 1, { h = 2, n = 3, l = 4 }
local LANES = { KEYS[1], KEYS[2], KEYS[3], KEYS[4] }
local VERSION, DELAYED, DELAYED_JOBS, DEAD, DEAD_JOBS = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local PAUSED, CONSUMERS, STATS, REAPER, JOB = KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]
-- What every key of the queue starts with. Keys that few jobs need are not passed, which every call would pay for; they are in the
-- same slot of a cluster.
local BASE = string.sub(JOB, 1, -5)
local PARKED, CANCELLED, EVENTS, LIMITS = BASE .. 'parked', BASE .. 'cancelled', BASE .. 'events', BASE .. 'limits'

-- The broker's clock in milliseconds.
local function clock()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function text(number)
  return string.format('%.0f', number)
end

local function count(what, by)
  if by > 0 then
    redis.call('HINCRBY', STATS, what, by)
  end
end

-- The last bit of an id says whether its job has a record.
local ODD = '13579BDFHKNQSVXZ'
local function is_tracked(ulid)
  return string.find(ODD, string.sub(ulid, -1), 1, true) ~= nil
end

-- Tells who follows the queue what became of a tracked job. Housekeeping has written how many events are kept.
local events_kept
local function tell(ulid, what, ...)
  if not is_tracked(ulid) then
    return
  end
  events_kept = events_kept or redis.call('HGET', REAPER, 'events') or '10000'
  if events_kept ~= '0' then
    redis.call('XADD', EVENTS, 'MAXLEN', '~', events_kept, '*', 'j', ulid, 'k', what, ...)
  end
end

-- As much of an error as an event has.
local function short(message)
  return string.sub(message, 1, 1000)
end

local function record(job, ...)
  if is_tracked(job.ulid) then
    redis.call('HSET', JOB .. job.ulid, 'h', job.header, ...)
  end
end

-- A job starts: its record says so, if it has one. The id stands in the header from the third to the 28th character. An entry that is
-- no job gets no record, which nobody would ever end.
local function record_start(header, now, consumer)
  if string.find(ODD, string.sub(header, 28, 28), 1, true)
    and #(string.match(header, '^1;(%w+);%d+;%d+;%d+;%d+;[hnl];') or '') == 26 then
    local ulid = string.sub(header, 3, 28)
    redis.call('HSET', JOB .. ulid, 'h', header, 's', 'Running', 'b', now, 'w', consumer)
    tell(ulid, 'started', 'a', string.match(header, '^1;%w+;(%d+)') or '0', 'w', consumer)
  end
end

-- The queue's version, false for none; fails on another major one. Writes nothing.
local function read_version(mine)
  local found = redis.call('GET', VERSION)
  if found and found ~= mine and string.match(found, '^(%d+)%.%d+$') ~= string.match(mine, '^(%d+)%.') then
    error({ err = 'K8SQVERSION the queue has layout ' .. found .. ', this program has ' .. mine })
  end
  return found
end

-- Sets the queue's version where it has none, and returns whether it had none; fails on another major one.
local function check_version(mine)
  local found = read_version(mine)
  if found == mine or found and tonumber(string.match(found, '%d+$')) > tonumber(string.match(mine, '%d+$')) then
    return false
  end
  redis.call('SET', VERSION, mine)
  return not found
end

