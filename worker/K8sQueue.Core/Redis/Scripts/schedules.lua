#!lua flags=no-writes,allow-oom
-- Schedules, by what is asked for.
-- ARGV: 1 layout version; 2 and 3: 'due' and how many of those that are due, the first ones, to leave out; 'after' and the name behind which to
--   begin; 'name' and the one name; 4 how many at most
-- Returns: the broker's clock in ms; then five a schedule: name, next time in ms (empty for none), definition, revision, last start
--   ('<ms>;<id without its queue>', empty for none)
local SCHEDULES, JOBS = BASE .. 'schedules', BASE .. 'schedules:jobs'
read_version(ARGV[1])
local now, most = clock(), tonumber(ARGV[4])
local names = {}
if ARGV[2] == 'due' then
  names = redis.call('ZRANGEBYSCORE', SCHEDULES, '-inf', text(now), 'LIMIT', ARGV[3], most)
elseif ARGV[2] == 'name' then
  names = { ARGV[3] }
else
  for _, field in ipairs(redis.call('HKEYS', JOBS)) do
    if field > ARGV[3] and not string.find(field, ':', 1, true) then
      names[#names + 1] = field
    end
  end
  table.sort(names)
end
local result = { text(now) }
for i = 1, math.min(#names, most) do
  local name = names[i]
  local kept = redis.call('HMGET', JOBS, name, name .. ':v', name .. ':l')
  if kept[1] then
    for _, value in ipairs({ name, redis.call('ZSCORE', SCHEDULES, name) or '', kept[1], kept[2] or '', kept[3] or '' }) do
      result[#result + 1] = value
    end
  end
end
return result
