#!lua flags=allow-oom
-- One turn of housekeeping: due jobs into their lanes, jobs of silent owners back, gone consumers and requests to cancel out.
-- Leases are judged only where this script has run without a gap, on one server, for a whole lease: after an outage the
-- owners were silent because nobody could be heard.
-- ARGV: 1 layout version; 2 interval, 3 lease, 4 consumer expiry in ms; 5 crashes that make a job a dead letter;
--   6 how many jobs a turn moves; 7 how long the records of dead jobs are kept, in ms; 8 1 to go on with a turn; 9 how many events are
--   kept, nothing to leave that as it is
-- Returns: promoted, recovered, buried, consumers removed, 1 where there is more to do at once, schedules that are due, ends of jobs
--   of which batches of other queues have to hear
-- A queue without a version has nothing, and may just have been deleted: who brings it something makes it anew, and registers it.
if read_version(ARGV[1]) then
  check_version(ARGV[1])
end
local now = clock()
local interval, lease, expiry = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local max_crashes, limit, retention = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local promoted, recovered, buried, removed, more = 0, 0, 0, 0, 0
local TRIAL_LEASES = 5

local function promote()
  local due = redis.call('ZRANGEBYSCORE', DELAYED, '-inf', text(now), 'LIMIT', 0, limit)
  for _, ulid in ipairs(due) do
    redis.call('ZREM', DELAYED, ulid)
    local job, kept = take_aside(ulid)
    if job then
      put(job, job.lane)
      promoted = promoted + 1
    else
      bury(corrupt_aside(ulid, kept), 'Corrupt', 'The delayed job could not be read.', now, retention)
      buried = buried + 1
    end
  end
  if #due == limit then
    more = 1
  end
end

local function is_empty()
  for lane = 1, 4 do
    if redis.pcall('XLEN', LANES[lane]) ~= 0 then
      return false
    end
  end
  return true
end

-- Whether leases may be judged now. Which server this is costs more to ask than all the rest, and can wait while there are none.
local function settled()
  local seen = redis.call('HMGET', REAPER, 'stamp', 'since', 'server')
  local server = is_empty() and (seen[3] or '') or string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
  local stamp, since = tonumber(seen[1] or 0), tonumber(seen[2] or 0)
  local gap = server ~= seen[3] or now < stamp or now - stamp > 3 * interval
  if not gap and now - stamp < interval / 2 and ARGV[8] ~= '1' then
    return false
  end
  if gap then
    since = now
  end
  redis.call('HSET', REAPER, 'stamp', text(now), 'since', text(since), 'server', server)
  return now - since >= lease
end

-- Entries of a lane that nobody has renewed for a lease. A worker that gives signs of life renews what it knows that it owns, so a turn looks at what the
-- others own, and at what blocking reads brought. What a worker owns and does not know of, since an answer was lost, is looked for once a lease
-- (thorough): that costs as much as there are jobs that run.
local function silent_entries(lane, thorough)
  local group = group_of(lane)
  if not group or group.pending == 0 then
    return {}
  end
  if thorough then
    return redis.call('XPENDING', LANES[lane], GROUP, 'IDLE', lease, '-', '+', limit)
  end
  local silent = {}
  for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', LANES[lane], GROUP)) do
    local name, pending = info[2], info[4]
    local seen = pending > 0 and string.sub(name, -1) ~= '~' and redis.call('ZSCORE', CONSUMERS, name)
    if pending > 0 and #silent < limit and not (seen and now - tonumber(seen) < lease) then
      for _, entry in ipairs(redis.call('XPENDING', LANES[lane], GROUP, 'IDLE', lease, '-', '+', limit - #silent, name)) do
        silent[#silent + 1] = entry
      end
    end
  end
  return silent
end

-- Whether an owner has given a sign of life long after it took an entry or renewed it: one that does not name the entry, or it would be renewed. So its
-- worker does not know of it, and was not lost with it. (A sign of life that was under way when the entry came may not name it either.)
local function is_unheard_of(entry)
  local seen = redis.call('ZSCORE', CONSUMERS, entry[2])
  return seen and tonumber(seen) - (now - entry[3]) > lease / 2
end

local function recover(lane, thorough)
  local silent = silent_entries(lane, thorough)
  for _, entry in ipairs(silent) do
    local owner = entry[2]
    local job = take(lane, entry[1])
    local started = string.sub(owner, -1) ~= '~'
    if job and not job.corrupt and is_cancelled(job.ulid) then
      put_back(job, started)
    elseif job and (job.corrupt or not started) then
      buried = buried + (put_back(job) and 0 or 1)
    elseif job and is_unheard_of(entry) then
      put_back(job)
      recovered = recovered + 1
      tell(job.ulid, 'recovered', 'c', text(job.crashes))
    elseif job then
      local most = is_tried(job) and 2 * max_crashes or max_crashes
      job.crashes = job.crashes + 1
      if job.crashes >= most then
        job.epoch = job.epoch + 1
        bury(write_header(job), 'Poison',
          'Its worker was lost ' .. text(job.crashes) .. ' times, last ' .. owner .. '.', now, retention)
        buried = buried + 1
      else
        put_back(job)
        recovered = recovered + 1
        tell(job.ulid, 'recovered', 'c', text(job.crashes))
      end
    end
  end
  if #silent == limit then
    more = 1
  end
end

local function recover_lanes()
  local scanned = tonumber(redis.call('HGET', REAPER, 'scanned') or 0)
  local thorough = now < scanned or now - scanned >= lease
  for lane = 1, 4 do
    recover(lane, thorough)
  end
  if thorough and more == 0 then
    redis.call('HSET', REAPER, 'scanned', text(now))
  end
  count('recovered', recovered)
end

-- A suspect has been tried when its worker has lived on for some leases; that it has is known a lease later, when those of lost workers are recovered. So
-- the next one is not kept waiting by one that takes long.
local function try_next()
  local trials = redis.call('HGETALL', TRIAL)
  for i = 1, #trials, 2 do
    if more == 0 and now - tonumber(trials[i + 1]) >= (TRIAL_LEASES + 1) * lease then
      redis.call('HDEL', TRIAL, trials[i])
      redis.call('SREM', SUSPECT, trials[i])
      let_in(SUSPECTS)
    end
  end
end

local function sweep()
  local swept = tonumber(redis.call('HGET', REAPER, 'swept') or 0)
  if now >= swept and now - swept < expiry / 4 then
    return
  end
  redis.call('HSET', REAPER, 'swept', text(now))
  local busy = {}
  for lane = 1, 4 do
    local found = redis.pcall('XINFO', 'CONSUMERS', LANES[lane], GROUP)
    for _, info in ipairs(found.err and {} or found) do
      local name, pending, idle = info[2], info[4], info[6]
      local owner = string.gsub(name, '~$', '')
      local seen = tonumber(redis.call('ZSCORE', CONSUMERS, owner) or 0)
      if pending > 0 then
        busy[owner] = true
      elseif idle > expiry and now - seen > expiry then
        redis.call('XGROUP', 'DELCONSUMER', LANES[lane], GROUP, name)
      end
    end
  end
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', CONSUMERS, '-inf', '(' .. text(now - expiry))) do
    if not busy[name] then
      redis.call('ZREM', CONSUMERS, name)
      removed = removed + 1
    end
  end
end

-- Requests to cancel jobs that are not there any more. A job that stood in a lane when it was asked for stands there still or has ended, since
-- whoever would put it back elsewhere ends it; so a request is over when all that was there at its time is gone.
local function forget_requests()
  if redis.call('EXISTS', CANCELLED) == 0 then
    return
  end
  local oldest = '+inf'
  for lane = 1, 4 do
    local entries = redis.pcall('XRANGE', LANES[lane], '-', '+', 'COUNT', 1)
    local at = entries.err and 0 or entries[1] and tonumber(string.match(entries[1][1], '^%d+'))
    oldest = at and (oldest == '+inf' or at < oldest) and at or oldest
  end
  redis.call('ZREMRANGEBYSCORE', CANCELLED, '-inf', oldest == '+inf' and oldest or '(' .. text(oldest))
end

local function keep_events()
  if ARGV[9] and redis.call('HGET', REAPER, 'events') ~= ARGV[9] then
    redis.call('HSET', REAPER, 'events', ARGV[9])
    if ARGV[9] == '0' then
      redis.call('DEL', EVENTS)
    end
  end
end

keep_events()
promote()
forget_requests()
if settled() then
  recover_lanes()
  try_next()
  sweep()
end
return {
  promoted, recovered, buried, removed, more, redis.call('ZCOUNT', BASE .. 'schedules', '-inf', text(now)), redis.call('HLEN', BASE .. 'outbox'),
}
