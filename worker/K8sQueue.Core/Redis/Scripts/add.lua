#!lua
-- Adds jobs that start at once and have nothing that only some jobs have, all or none, in order: what producers mostly add. A full
-- server refuses it.
-- ARGV: 1 layout version; then three a job: header up to the time, header behind it (empty: as that of the job before), payload
-- Returns: 1 where the queue is new to this server, else 0
local fresh = check_version(ARGV[1])
local call, stamp = redis.call, text(clock())
local rest, lane, type
for i = 2, #ARGV, 3 do
  if ARGV[i + 1] ~= '' then
    rest, lane, type = stamp .. ARGV[i + 1], LANE_OF[string.sub(ARGV[i + 1], 2, 2)], nil
  end
  local header = ARGV[i] .. rest
  local id = call('XADD', LANES[lane], '*', 'h', header, 'p', ARGV[i + 2])
  local ulid = string.sub(header, 3, 28)
  if is_tracked(ulid) then
    type = type or string.match(rest, '^%d+;[hnl];[^;]*;[^;]*;[^;]*;[^;]*;(.*)$') or ''
    tell(ulid, 'added', 'y', type)
    call('HSET', JOB .. ulid, 'h', header, 's', 'Waiting', 'l', lane, 'e', id)
  end
end
count('enqueued', (#ARGV - 1) / 3)
return fresh and 1 or 0
