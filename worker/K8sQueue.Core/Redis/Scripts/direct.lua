#!lua flags=allow-oom
-- Stands before and behind an XREADGROUP of one lane in a transaction: what a script reads is copied twice, what a plain command
-- reads goes straight out. The call before remembers the lane's group, the one behind counts what was read as starts. Where the
-- queue is paused, a lane that goes first has entries, jobs are cancelled or suspect or the queue has limits, it takes the read back: they are as if
-- nobody had read them.
-- It is sent as text: by its hash, a server that was restarted would read without it.
-- KEYS: 1 the lane; 2 stats; 3 paused; 4 cancelled; 5 limits; 6 suspect; then the lanes that go first
-- ARGV: 1 consumer, missing in the call before
-- Returns: how many were read; -1 the queue is paused, -2 another lane goes first, jobs are cancelled or suspect or there are limits, -3 it can't be told
local GROUP = 'workers'

local function group_of(lane)
  local groups = redis.pcall('XINFO', 'GROUPS', lane)
  for _, info in ipairs(groups.err and {} or groups) do
    if info[2] == GROUP then
      return { pending = info[6], delivered = info[8], read = info[10] }
    end
  end
end

-- Waiting entries of a lane: those that stand and are not pending. One that can't be asked has some.
local function has_waiting(lane)
  local length = redis.pcall('XLEN', lane)
  if length == 0 then
    return false
  end
  local group = type(length) == 'number' and group_of(lane)
  return not group or length > group.pending
end

local function verdict()
  if redis.call('EXISTS', KEYS[3]) == 1 then
    return -1
  end
  if redis.call('EXISTS', KEYS[4], KEYS[5], KEYS[6]) > 0 then
    return -2
  end
  for i = 7, #KEYS do
    if has_waiting(KEYS[i]) then
      return -2
    end
  end
end

local group = group_of(KEYS[1])
if not ARGV[1] then
  redis.call('HDEL', KEYS[2], 'reading')
  if group then
    redis.call('HSET', KEYS[2], 'reading', group.pending .. ';' .. group.delivered .. ';' .. (group.read or ''))
  end
  return 0
end

local pending, delivered, read = string.match(redis.call('HGET', KEYS[2], 'reading') or '', '^(%d+);([%d-]+);(%d*)$')
if not pending or not group then
  return -3
end
redis.call('HDEL', KEYS[2], 'reading')
local taken = group.pending - tonumber(pending)
if taken == 0 then
  return 0
end
local refused = verdict()
if not refused then
  redis.call('HINCRBY', KEYS[2], 'started', taken)
  return taken
end
local entries = redis.call('XPENDING', KEYS[1], GROUP, '(' .. delivered, '+', taken, ARGV[1])
for first = 1, #entries, 1000 do
  local ids = {}
  for i = first, math.min(first + 999, #entries) do
    ids[#ids + 1] = entries[i][1]
  end
  redis.call('XACK', KEYS[1], GROUP, unpack(ids))
end
if read == '' then
  redis.call('XGROUP', 'SETID', KEYS[1], GROUP, delivered)
else
  redis.call('XGROUP', 'SETID', KEYS[1], GROUP, delivered, 'ENTRIESREAD', read)
end
return refused
