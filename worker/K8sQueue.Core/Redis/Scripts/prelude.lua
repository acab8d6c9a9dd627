local SUSPECT, TRIAL = BASE .. 'suspect', BASE .. 'trial'
local SUSPECTS = { limit = 1, slots = SUSPECT, park = BASE .. 'suspects' }

local function write_header(job)
  job.header = '1;' .. job.ulid .. ';' .. text(job.attempt) .. ';' .. text(job.crashes) .. ';' .. text(job.epoch) .. ';' .. job.rest
  return job
end

-- The job of a header and a payload; nil where the header is not readable.
local function read_job(header, payload)
  if not header or not payload then
    return nil
  end
  local ulid, attempt, crashes, epoch, rest, lane =
    string.match(header, '^1;(%w+);(%d+);(%d+);(%d+);(%d+;([hnl]);.*)$')
  if not ulid or #ulid ~= 26 then
    return nil
  end
  return {
    ulid = ulid, attempt = tonumber(attempt), crashes = tonumber(crashes), epoch = tonumber(epoch),
    rest = rest, lane = LANE_OF[lane], header = header, payload = payload,
  }
end

-- Whatever an unreadable entry has, as the payload of a job whose id is made of the entry's.
local function corrupt_job(lane, id, fields)
  local ms, sequence = string.match(id, '^(%d+)%-(%d+)$')
  local job = {
    ulid = string.sub('0000000000000' .. ms, -13) .. string.sub('00000000000' .. sequence, -11) .. lane .. '0',
    attempt = 1, crashes = 0, epoch = 1, rest = ms .. ';n;;;;;corrupt', lane = LANE_OF.n,
    payload = table.concat(fields, '\n'), corrupt = true,
  }
  return write_header(job)
end

-- Whether an entry's id is later than another one's.
local function is_later(id, than)
  local ms, sequence = string.match(id, '^(%d+)%-(%d+)$')
  local than_ms, than_sequence = string.match(than, '^(%d+)%-(%d+)$')
  ms, than_ms = tonumber(ms), tonumber(than_ms)
  return ms > than_ms or ms == than_ms and tonumber(sequence) > tonumber(than_sequence)
end

-- The bucket of the queue's rate as it is now, nil where there is none. Each ms adds as many units as jobs may start in a period, and each start
-- takes as many as the period has ms: all of it are whole numbers, so that nothing drifts.
local function bucket(now)
  local found = redis.call('HMGET', LIMITS, 'jobs', 'period', 'burst', 'credit', 'at')
  if not found[1] then
    return nil
  end
  local jobs, period, at = tonumber(found[1]), tonumber(found[2]), tonumber(found[5])
  local most = period * tonumber(found[3])
  local passed = math.min(math.max(0, now - at), math.ceil(most / jobs))
  return { jobs = jobs, period = period, credit = math.min(most, tonumber(found[4]) + passed * jobs), behind = now < at }
end

local function keep_credit(credit, now)
  redis.call('HSET', LIMITS, 'credit', text(credit), 'at', text(now))
end

-- What XINFO GROUPS says of a lane's group by name, among it 'pending', 'last-delivered-id' and 'entries-read'; nil for none.
local function group_of(lane)
  local groups = redis.pcall('XINFO', 'GROUPS', LANES[lane])
  for _, info in ipairs(groups.err and {} or groups) do
    if info[2] == GROUP then
      local group = {}
      for i = 1, #info, 2 do
        group[info[i]] = info[i + 1]
      end
      return group
    end
  end
end

-- Ends a pending entry and returns its job; nil where the entry is nobody's any more. XACK answers 1 once only, and an
-- entry never changes owner: who holds an entry's id and is answered 1 owned it until now.
local function take(lane, id)
  local key = LANES[lane]
  local entry = redis.call('XRANGE', key, id, id)[1]
  if redis.call('XACK', key, GROUP, id) == 0 or not entry then
    return nil
  end
  redis.call('XDEL', key, id)
  local fields = entry[2]
  local job = fields[1] == 'h' and fields[3] == 'p' and read_job(fields[2], fields[4])
  if job and job.crashes >= 2 then
    redis.call('HDEL', TRIAL, job.ulid)
  end
  return job or corrupt_job(lane, id, fields)
end

-- The value of one of a job's traits, nil for none. JobTraitsText.cs lists the letters.
local function trait(job, letter)
  if not job.traits then
    job.traits = ',' .. (string.match(job.rest, '^%d+;[hnl];[^;]*;[^;]*;[^;]*;([^;]*);') or '')
  end
  if job.traits ~= ',' then
    return string.match(job.traits, ',' .. letter .. '=([^,]*)')
  end
end

-- A record knows the entry in which its job stands, so that it is found there to be cancelled.
local function add_to_lane(job, lane)
  local id = redis.call('XADD', LANES[lane], '*', 'h', job.header, 'p', job.payload)
  record(job, 's', 'Waiting', 'l', lane, 'e', id)
end

local function set_aside(job, state)
  redis.call('HSET', DELAYED_JOBS, job.ulid .. ':h', job.header, job.ulid .. ':p', job.payload)
  record(job, 's', state)
end

-- Takes the job that was set aside under an id, nil where it is not readable, and what it has of header and payload.
local function take_aside(ulid)
  local kept = redis.call('HMGET', DELAYED_JOBS, ulid .. ':h', ulid .. ':p')
  redis.call('HDEL', DELAYED_JOBS, ulid .. ':h', ulid .. ':p')
  return read_job(kept[1], kept[2]), kept
end

-- Whatever an unreadable job that was set aside has, as a payload; under its own id, or where that is none, one of time and count.
local function corrupt_aside(member, kept)
  local fields = {}
  for i = 1, 2 do
    fields[#fields + 1] = kept[i] or nil
  end
  local job = corrupt_job(5, text(clock()) .. '-' .. (redis.call('HGET', STATS, 'buried') or 0), fields)
  if #member == 26 and string.find(member, '^[0-7][0-9A-HJKMNP-TV-Z]+$') then
    job.ulid = member
    write_header(job)
  end
  return job
end

-- What a job needs to stand in a lane: a slot of its concurrency key, and, where its worker was lost twice, the one slot for such jobs. A process
-- takes all its jobs along, whichever of them ended it; where the suspects are tried one at a time, the others are not lost with it a third time.
-- One whose worker lives on for long enough gives the slot free while it runs: it has been tried.
local function gates_of(job)
  local gates = {}
  local limit, key = string.match(trait(job, 'k') or '', '^(%d+):(.+)$')
  if limit then
    gates[1] = { limit = math.max(tonumber(limit), 1), slots = BASE .. 'slots:' .. key, park = BASE .. 'park:' .. key }
  end
  if (job.crashes or 0) >= 2 then
    gates[#gates + 1] = SUSPECTS
  end
  return gates
end

-- Whether a job that runs was a suspect, and has been tried.
local function is_tried(job)
  return job.crashes >= 2 and redis.call('SISMEMBER', SUSPECT, job.ulid) == 0
end

-- Of a job that its worker gives back: where it was tried, it is no suspect any more.
local function clear(job)
  if is_tried(job) then
    job.crashes = 1
  end
end

local let_in

-- Takes the slots that a job needs and does not have; parks it and returns false where there is none left, or others wait for one: jobs of a
-- higher limit would keep those of a lower one out for as long as they come. 'first' are the slots of the gate at which it stood first.
local function admit(job, first)
  for _, gate in ipairs(gates_of(job)) do
    if redis.call('SISMEMBER', gate.slots, job.ulid) == 0 then
      local full = redis.call('SCARD', gate.slots) >= gate.limit
      if full or gate.slots ~= first and redis.call('EXISTS', gate.park) == 1 then
        redis.call('RPUSH', gate.park, job.ulid)
        redis.call('ZADD', PARKED, text(clock()), job.ulid)
        set_aside(job, 'Parked')
        if not full then
          let_in(gate) -- the first may have room, too: where a slot was lost, nobody else lets them in
        end
        return false
      end
      redis.call('SADD', gate.slots, job.ulid)
    end
  end
  return true
end

local bury

-- Whether a job may have a slot of a gate: by its own limit; one that can't be read is let in, to be buried.
local function has_room(gate, job)
  for _, own in ipairs(job and gates_of(job) or {}) do
    if own.slots == gate.slots then
      return redis.call('SCARD', gate.slots) < own.limit
    end
  end
  return true
end

function let_in(gate)
  while true do
    local ulid = redis.call('LINDEX', gate.park, 0)
    if not ulid or not has_room(gate, read_job(redis.call('HGET', DELAYED_JOBS, ulid .. ':h'), '')) then
      return
    end
    redis.call('LPOP', gate.park)
    if redis.call('ZREM', PARKED, ulid) == 1 then
      local parked, found = take_aside(ulid)
      if not parked then
        bury(corrupt_aside(ulid, found), 'Corrupt', 'The parked job could not be read.', clock())
      elseif admit(parked, gate.slots) then
        add_to_lane(parked, parked.lane)
      end
    end
  end
end

-- Gives a job's slots free, and lets parked jobs in: also where it had none, since it may have stood before others that have room.
local function vacate(job)
  for _, gate in ipairs(gates_of(job)) do
    redis.call('SREM', gate.slots, job.ulid)
    let_in(gate)
  end
end

-- Puts a job into a lane, or aside until a time.
local function put(job, lane, due)
  if due then
    redis.call('ZADD', DELAYED, text(due), job.ulid)
    set_aside(job, 'Delayed')
    vacate(job)
  elseif admit(job) then
    add_to_lane(job, lane)
  end
end

-- Takes a job's deduplication key, or returns the id of the job that has it, which may be the job itself.
local function claim_key(job)
  local window, key = string.match(trait(job, 'd') or trait(job, 'u') or '', '^(%d*):(.+)$')
  if not key then
    return nil
  end
  key = BASE .. 'dedup:' .. key
  local set = window == '' and redis.call('SET', key, job.ulid, 'NX') or window ~= '' and redis.call('SET', key, job.ulid, 'NX', 'PX', window)
  return not set and redis.call('GET', key) or nil
end

-- Puts a large payload into a key of its own, and deletes it.
local function store_payload(job)
  if trait(job, 's') then
    redis.call('SET', BASE .. 'payload:' .. job.ulid, job.payload)
    job.payload = ''
  end
end

local function drop_payload(job)
  if trait(job, 's') then
    redis.call('DEL', BASE .. 'payload:' .. job.ulid)
  end
end

-- A job that comes in: of its header up to the time, the time, and its header behind it.
local function new_job(head, stamp, tail, payload)
  return {
    ulid = string.sub(head, 3, 28), header = head .. stamp .. tail, rest = stamp .. tail, lane = LANE_OF[string.sub(tail, 2, 2)],
    payload = payload,
  }
end

-- Adds a job that comes in, now or at its time; or returns the id of the job that has its deduplication key.
local function accept(job, due)
  local twin = claim_key(job)
  if not twin then
    store_payload(job)
    if is_tracked(job.ulid) then
      tell(job.ulid, 'added', 'y', string.match(job.rest, '^%d+;[hnl];[^;]*;[^;]*;[^;]*;[^;]*;(.*)$') or '')
    end
    put(job, job.lane, due)
  end
  return twin
end

-- In prelude-batches.lua, which scripts that end no job do without.
local batches

-- A job will not run again: what it held of its keys is free, and its batch hears whether it is completed.
local function finish(job, succeeded)
  redis.call('ZREM', CANCELLED, job.ulid)
  local key = string.match(trait(job, 'u') or '', '^%d*:(.+)$')
  if key and redis.call('GET', BASE .. 'dedup:' .. key) == job.ulid then
    redis.call('DEL', BASE .. 'dedup:' .. key)
  end
  vacate(job)
  local batch = trait(job, 'b')
  if batch then
    batches().tell(batch, job.ulid, succeeded)
  end
end

function bury(job, reason, message, now, retention)
  redis.call('ZADD', DEAD, text(now), job.ulid)
  redis.call('HSET', DEAD_JOBS, job.ulid .. ':h', job.header, job.ulid .. ':p', job.payload,
    job.ulid .. ':r', reason, job.ulid .. ':x', message)
  if is_tracked(job.ulid) then
    record(job, 's', 'Dead', 'f', text(now), 'x', message)
    redis.call('PEXPIRE', JOB .. job.ulid, retention or 604800000)
  end
  tell(job.ulid, 'buried', 'r', reason, 'x', short(message))
  count('buried', 1)
  finish(job)
end

-- Whether it was asked for that a job be cancelled. Few queues have such jobs: the others pay for one look a call.
local cancelling
local function is_cancelled(ulid)
  if cancelling == nil then
    cancelling = redis.call('EXISTS', CANCELLED) == 1
  end
  return cancelling and redis.call('ZSCORE', CANCELLED, ulid) and true or false
end

-- Ends a job that was cancelled. Its record is kept as if it had been completed, and its payload with it, so that it may run again.
local function cancel(job, retention)
  local key, kept = JOB .. job.ulid, false
  if is_tracked(job.ulid) then
    retention = trait(job, 'r') or retention or redis.call('HGET', key, 'c') or '3600000'
    if retention == '0' then
      redis.call('DEL', key)
    else
      record(job, 's', 'Cancelled', 'f', text(clock()), 'd', job.payload)
      redis.call('PEXPIRE', key, retention)
      redis.call('PEXPIRE', BASE .. 'payload:' .. job.ulid, retention)
      kept = true
    end
  end
  tell(job.ulid, 'cancelled')
  count('cancelled', 1)
  finish(job)
  if not kept then
    drop_payload(job)
  end
end

-- Ends a job that was cancelled after it had started.
local function stop(job, retention)
  count('stopped', 1)
  cancel(job, retention)
end

-- Puts a job back first in line, with the next epoch, and returns true; one that is not readable is buried, and one that was cancelled ends.
local function put_back(job, started)
  if job.corrupt then
    bury(job, 'Corrupt', 'The entry could not be read.', clock())
    return false
  end
  if is_cancelled(job.ulid) then
    (started and stop or cancel)(job)
    return false
  end
  job.epoch = job.epoch + 1
  put(write_header(job), RETURNED)
  return true
end
