#!lua flags=no-writes,allow-oom
-- Jobs of one state, in pieces: those that wait or run in the order of the lanes, delayed and parked ones by their times, dead letters newest first,
-- and completed and cancelled ones, newest first, of the tracked jobs that are among the events that are kept. Nothing is kept for it.
-- ARGV: 1 state, or 'Buried' for dead letters oldest first; 2 behind which place to go on, nothing for the beginning; 3 how many places to look at;
--   4 of the buried ones, 1 where their errors are wanted
-- Returns: the place where to go on, nothing at the end; then three a job: its place, its header, and a time in ms: when it was put there, is due, or ended;
--   of the buried ones five, with reason and error
local state, after, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local rows, looked, last = { '' }, 0, nil

local function look(at)
  looked, last = looked + 1, at
end

local function row(at, header, time)
  rows[#rows + 1], rows[#rows + 2], rows[#rows + 3] = at, header or '', time or ''
end

-- What stands in a lane up to where its group has read runs, the rest waits.
local function in_lanes(running)
  local from_lane, from_id = string.match(after, '^([1-4]):(%d+%-%d+)$')
  from_lane = tonumber(from_lane or 1)
  for lane = from_lane, 4 do
    local group = looked < most and group_of(lane)
    local read = group and group['last-delivered-id'] or '0-0'
    local seen = lane == from_lane and from_id or '0-0'
    local entries = {}
    if looked < most and not running then
      entries = redis.call('XRANGE', LANES[lane], '(' .. (is_later(seen, read) and seen or read), '+', 'COUNT', most - looked)
    elseif looked < most and is_later(read, seen) then
      entries = redis.call('XRANGE', LANES[lane], '(' .. seen, read, 'COUNT', most - looked)
    end
    for _, entry in ipairs(entries) do
      look(lane .. ':' .. entry[1])
      row(last, entry[2][2], string.match(entry[1], '^%d+'))
    end
  end
end

-- How many members of a sorted set stand before one that may not be there any more. Many may have one time.
local function before(key, score, member)
  local low, high = redis.call('ZCOUNT', key, '-inf', '(' .. score), redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if redis.call('ZRANGE', key, middle, middle)[1] < member then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function in_set(key, headers, newest_first)
  local score, member = string.match(after, '^(%d+):(%w+)$')
  local start = score and before(key, score, member) or 0
  local command = 'ZRANGE'
  if newest_first then
    command, start = 'ZREVRANGE', score and redis.call('ZCARD', key) - start or 0
  elseif score and redis.call('ZRANGE', key, start, start)[1] == member then
    start = start + 1
  end
  local found = redis.call(command, key, start, start + most - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    look(found[i + 1] .. ':' .. found[i])
    row(last, redis.call('HGET', headers, found[i] .. ':h'), found[i + 1])
    if state == 'Buried' then
      rows[#rows + 1] = redis.call('HGET', headers, found[i] .. ':r') or ''
      rows[#rows + 1] = ARGV[4] == '1' and redis.call('HGET', headers, found[i] .. ':x') or ''
    end
  end
end

-- A job that ran again has ended more than once: its record says when it did last.
local function in_events(kind)
  local seen = {}
  for _, event in ipairs(redis.call('XREVRANGE', EVENTS, after == '' and '+' or '(' .. after, '-', 'COUNT', most)) do
    look(event[1])
    local fields = {}
    for i = 1, #event[2], 2 do
      fields[event[2][i]] = event[2][i + 1]
    end
    if fields.k == kind and fields.j and not seen[fields.j] then
      local kept = redis.call('HMGET', JOB .. fields.j, 's', 'h', 'f')
      if kept[1] == state and tonumber(kept[3] or 0) <= tonumber(string.match(event[1], '^%d+')) then
        seen[fields.j] = true
        row(last, kept[2], kept[3])
      end
    end
  end
end

if state == 'Waiting' or state == 'Running' then
  in_lanes(state == 'Running')
elseif state == 'Delayed' then
  in_set(DELAYED, DELAYED_JOBS)
elseif state == 'Parked' then
  in_set(PARKED, DELAYED_JOBS)
elseif state == 'Dead' then
  in_set(DEAD, DEAD_JOBS, true)
elseif state == 'Buried' then
  in_set(DEAD, DEAD_JOBS)
else
  in_events(string.lower(state))
end
rows[1] = looked == most and last or ''
return rows
