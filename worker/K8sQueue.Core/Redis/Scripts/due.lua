#!lua flags=allow-oom
-- Which queues have something for maintain.lua to do. Of the others this is the turn: it stamps them as maintain.lua would have.
-- KEYS: the reaper key of each queue; its other keys are in the same slot
-- ARGV: 1 layout version; 2 interval, 3 lease, 4 consumer expiry in ms; 5 how many events are kept
-- Returns: the positions of those that have
local GROUP = 'workers'
local LANES = { 'lane:returned', 'lane:high', 'lane:normal', 'lane:low' }
local major = string.match(ARGV[1], '^(%d+)%.')
local interval, lease, expiry = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local text = string.format('%.0f', now)

-- Whether entries of a lane have been silent for a lease. One that can't be asked is for maintain.lua.
local function is_silent(lane)
  if redis.pcall('XLEN', lane) == 0 then
    return false
  end
  local silent = redis.pcall('XPENDING', lane, GROUP, 'IDLE', lease, '-', '+', 1)
  return silent.err or silent[1]
end

local function is_due(base, since, swept, events)
  if string.match(redis.call('GET', base .. 'version') or '', '^(%d+)%.') ~= major or events ~= ARGV[5]
    or now < swept or now - swept >= expiry / 4
    or redis.call('ZCOUNT', base .. 'delayed', '-inf', text) > 0
    or redis.call('ZCOUNT', base .. 'schedules', '-inf', text) > 0
    or redis.call('EXISTS', base .. 'cancelled', base .. 'outbox') > 0 then
    return true
  end
  if now - since >= lease then
    for _, lane in ipairs(LANES) do
      if is_silent(base .. lane) then
        return true
      end
    end
  end
  return false
end

-- Whether one queue is due; it is stamped where it is not. Whoever stamped it a moment ago did what was due.
local function look(reaper)
  local seen = redis.call('HMGET', reaper, 'stamp', 'since', 'server', 'swept', 'events')
  local stamp, since, swept = tonumber(seen[1] or 0), tonumber(seen[2] or 0), tonumber(seen[4] or 0)
  local gap = server ~= seen[3] or now < stamp or now - stamp > 3 * interval
  if not gap and now - stamp < interval / 2 then
    return false
  end
  if is_due(string.sub(reaper, 1, -7), gap and now or since, swept, seen[5]) then
    return true
  end
  redis.call('HSET', reaper, 'stamp', text, 'since', gap and text or seen[2], 'server', server)
  return false
end

local due = {}
for position, reaper in ipairs(KEYS) do
  -- What is wrong with one queue is for its own turn to say, and keeps no other from being looked at.
  local looked, is = pcall(look, reaper)
  if not looked or is then
    due[#due + 1] = position
  end
end
return due
