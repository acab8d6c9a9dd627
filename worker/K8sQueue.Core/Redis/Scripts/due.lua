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

-- Whether entries of a lane have been silent for a lease; maintain.lua says whose are looked at. A lane that can't be asked is for it, too.
local function is_silent(base, lane, thorough)
  if redis.pcall('XLEN', base .. lane) == 0 then
    return false
  end
  if thorough then
    local silent = redis.pcall('XPENDING', base .. lane, GROUP, 'IDLE', lease, '-', '+', 1)
    return silent.err or silent[1]
  end
  local consumers = redis.pcall('XINFO', 'CONSUMERS', base .. lane, GROUP)
  for _, info in ipairs(consumers.err and {} or consumers) do
    local name, pending = info[2], info[4]
    local seen = pending > 0 and string.sub(name, -1) ~= '~' and redis.call('ZSCORE', base .. 'consumers', name)
    if pending > 0 and not (seen and now - tonumber(seen) < lease)
      and redis.call('XPENDING', base .. lane, GROUP, 'IDLE', lease, '-', '+', 1, name)[1] then
      return true
    end
  end
  return consumers.err
end

local function is_due(base, since, swept, events, thorough)
  if string.match(redis.call('GET', base .. 'version') or '', '^(%d+)%.') ~= major or events ~= ARGV[5]
    or now < swept or now - swept >= expiry / 4
    or redis.call('ZCOUNT', base .. 'delayed', '-inf', text) > 0
    or redis.call('ZCOUNT', base .. 'schedules', '-inf', text) > 0
    or redis.call('EXISTS', base .. 'cancelled', base .. 'outbox', base .. 'trial') > 0 then
    return true
  end
  if now - since >= lease then
    for _, lane in ipairs(LANES) do
      if is_silent(base, lane, thorough) then
        return true
      end
    end
  end
  return false
end

-- Whether one queue is due; it is stamped where it is not. Whoever stamped it a moment ago did what was due.
local function look(reaper)
  local seen = redis.call('HMGET', reaper, 'stamp', 'since', 'server', 'swept', 'events', 'scanned')
  local stamp, since, swept = tonumber(seen[1] or 0), tonumber(seen[2] or 0), tonumber(seen[4] or 0)
  local scanned = tonumber(seen[6] or 0)
  local thorough = now < scanned or now - scanned >= lease
  local gap = server ~= seen[3] or now < stamp or now - stamp > 3 * interval
  if not gap and now - stamp < interval / 2 then
    return false
  end
  since = gap and now or since
  if is_due(string.sub(reaper, 1, -7), since, swept, seen[5], thorough) then
    return true
  end
  redis.call('HSET', reaper, 'stamp', text, 'since', gap and text or seen[2], 'server', server)
  if thorough and now - since >= lease then
    redis.call('HSET', reaper, 'scanned', text)
  end
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
