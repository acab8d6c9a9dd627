-- Behind prelude.lua in every script through which a job may end: batches. A batch has its record in one queue, its jobs may be in any. 'batch:<ulid>' is a hash: 'n'
-- jobs, 'a' when it was written, 'q' sealed, 'f' when it ended; of the job for its end, 'c', and the one for success, 's', the id without its queue,
-- and until it is enqueued ':h' and ':t' (header before and behind the time), ':d' (delay), ':p' (payload). ':open' and ':failed' are sets of jobs,
-- ':jobs' is the list of all.
-- Each function that a script makes costs every call of it, and few calls have to do with batches: these are made when they are called for.
local made
function batches()
  if made then
    return made
  end
  made = {}

  function made.keep(key, ms)
    for _, part in ipairs({ '', ':open', ':failed', ':jobs' }) do
      redis.call('PEXPIRE', key .. part, ms)
    end
  end

  -- Enqueues the job that a batch calls, once.
  local function call_back(key, which)
    local kept = redis.call('HMGET', key, which .. ':h', which .. ':t', which .. ':d', which .. ':p')
    if kept[1] then
      redis.call('HDEL', key, which .. ':h', which .. ':t', which .. ':d', which .. ':p')
      local now = clock()
      accept(new_job(kept[1], text(now), kept[2], kept[4]), kept[3] ~= '0' and now + tonumber(kept[3]) or nil)
      count('enqueued', 1)
    end
  end

  -- A job of a batch of this queue has ended. Told in any order and any number of times: what is completed stays so, and a failure is one until its
  -- job is completed after all.
  function made.job_ended(batch, id, succeeded)
    local key = BASE .. 'batch:' .. batch
    if redis.call('EXISTS', key) == 0
        or redis.call('SREM', key .. ':open', id) == 0 and not (succeeded and redis.call('SREM', key .. ':failed', id) == 1) then
      return
    end
    if not succeeded then
      redis.call('SADD', key .. ':failed', id)
      redis.call('PEXPIRE', key .. ':failed', redis.call('PTTL', key))
    end
    if redis.call('EXISTS', key .. ':open') == 1 then
      return
    end
    local all_succeeded = redis.call('EXISTS', key .. ':failed') == 0
    if redis.call('HSETNX', key, 'f', text(clock())) == 1 then
      made.keep(key, 604800000)
      call_back(key, 'c')
      -- The job for success does not run unless a failed one is completed later: whoever waits for it hears so.
      local kept = not all_succeeded and redis.call('HMGET', key, 's:h', 's:t') or {}
      local waiting = kept[1] and new_job(kept[1], '0', kept[2], '')
      if waiting and trait(waiting, 'b') then
        made.tell(trait(waiting, 'b'), waiting.ulid, false)
      end
    end
    if all_succeeded then
      call_back(key, 's')
    end
  end

  -- Tells a batch that a job of this queue has ended: at once where the batch is of this queue too, else by the outbox, which housekeeping empties.
  function made.tell(batch, ulid, succeeded)
    local queue, batch_ulid = string.match(batch, '^(.+)%.(%w+)$')
    local mine = string.match(BASE, '{(.+)}')
    if queue == mine then
      made.job_ended(batch_ulid, mine .. '.' .. ulid, succeeded)
    elseif queue then
      redis.call('HSET', BASE .. 'outbox', ulid, batch .. ';' .. (succeeded and '1' or '0'))
    end
  end

  return made
end
