#!lua flags=no-writes,allow-oom
-- Dead letters, newest first.
-- ARGV: 1 offset; 2 how many; 3 in place of both, the id without its queue of the one that is meant
-- Returns: five a letter: header, payload, reason, error, when in ms
local found
if ARGV[3] then
  local score = redis.call('ZSCORE', DEAD, ARGV[3])
  found = score and { ARGV[3], score } or {}
else
  found = redis.call('ZREVRANGE', DEAD, ARGV[1], text(tonumber(ARGV[1]) + tonumber(ARGV[2]) - 1), 'WITHSCORES')
end
local result = {}
for i = 1, #found, 2 do
  local ulid = found[i]
  local kept = redis.call('HMGET', DEAD_JOBS, ulid .. ':h', ulid .. ':p', ulid .. ':r', ulid .. ':x')
  local job = read_job(kept[1], kept[2])
  if job and trait(job, 's') then
    kept[2] = redis.call('GET', BASE .. 'payload:' .. ulid)
  end
  for part = 1, 4 do
    result[#result + 1] = kept[part] or ''
  end
  result[#result + 1] = found[i + 1]
end
return result
