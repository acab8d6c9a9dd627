#!lua flags=no-writes,allow-oom
-- Which of a consumer's queues have jobs to fetch. It costs a tenth of what a fetch of each would, and takes nothing.
-- KEYS: the paused key of each queue; the lanes are in the same slot
-- Returns: three a queue that has jobs, is paused or has limits: its position; how many jobs wait, 0 where it is paused, 1 or more where that can't be
--   told: the fetch finds out why; 1 where it is paused, 3 where it has limits, else 0
local GROUP = 'workers'
local LANES = { 'lane:returned', 'lane:high', 'lane:normal', 'lane:low' }

-- Entries that stand and are not pending.
local function waiting(lane)
  local length = redis.pcall('XLEN', lane)
  if length == 0 then
    return 0
  end
  local groups = redis.pcall('XINFO', 'GROUPS', lane)
  if type(length) ~= 'number' or groups.err then
    return 1
  end
  for _, info in ipairs(groups) do
    if info[2] == GROUP then
      return math.max(0, length - info[6])
    end
  end
  return length
end

local result = {}
for position, paused in ipairs(KEYS) do
  local base, jobs, state = string.sub(paused, 1, -7), 0, 0
  if redis.call('EXISTS', paused, base .. 'limits') > 0 then
    state = redis.call('EXISTS', paused) == 1 and 1 or 3
  end
  if state ~= 1 then
    for _, lane in ipairs(LANES) do
      jobs = jobs + waiting(base .. lane)
    end
  end
  if jobs ~= 0 or state ~= 0 then
    result[#result + 1] = position
    result[#result + 1] = jobs
    result[#result + 1] = state
  end
end
return result
