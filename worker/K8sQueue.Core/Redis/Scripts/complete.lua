#!lua flags=allow-oom
-- Ends jobs that are done.
-- ARGV: 1 how long records are kept, in ms; 2-5 how many ids a lane has; then the ids, lane by lane; then three a tracked
--   job: the position of its id from 1, the id without its queue, the result (empty for none)
-- Returns: one character an id: 1 done, 0 not owned
local answers, at, done = {}, 6, 0

-- Where XACK counted fewer than it was given, the owned ones are those that still stand: whoever ends an entry deletes it in
-- the same step. One that stands because nobody has read it since the server lost data is not owned either, and stays.
local function delete_owned(lane, first, last)
  local delivered = group_of(lane)['last-delivered-id']
  for i = first, last do
    local owned = not is_later(ARGV[i], delivered) and redis.call('XDEL', LANES[lane], ARGV[i]) == 1
    answers[#answers + 1] = owned and '1' or '0'
    done = done + (owned and 1 or 0)
  end
end

for lane = 1, 4 do
  local ids = tonumber(ARGV[lane + 1])
  if ids > 0 then
    local last = at + ids - 1
    local acknowledged = redis.call('XACK', LANES[lane], GROUP, unpack(ARGV, at, last))
    if acknowledged == ids then
      redis.call('XDEL', LANES[lane], unpack(ARGV, at, last))
      answers[#answers + 1] = string.rep('1', ids)
      done = done + ids
    elseif acknowledged == 0 then
      answers[#answers + 1] = string.rep('0', ids)
    else
      delete_owned(lane, at, last)
    end
    at = last + 1
  end
end
count('completed', done)
local answer = table.concat(answers)
if at <= #ARGV then
  local now, cancelled = text(clock()), redis.call('EXISTS', CANCELLED) == 1
  for i = at, #ARGV, 3 do
    local position = tonumber(ARGV[i])
    if string.sub(answer, position, position) == '1' then
      local key = JOB .. ARGV[i + 1]
      redis.call('HSET', key, 's', 'Completed', 'f', now)
      if ARGV[i + 2] ~= '' then
        redis.call('HSET', key, 'r', ARGV[i + 2])
      end
      redis.call('PEXPIRE', key, ARGV[1])
      tell(ARGV[i + 1], 'completed')
      if cancelled then
        redis.call('ZREM', CANCELLED, ARGV[i + 1])
      end
    end
  end
end
return answer
