#!lua
-- Adds jobs of one lane that start at once and have no record, all or none, in order: what bulk enqueues mostly are. A full server
-- refuses it.
-- ARGV: 1 layout version; 2 lane; 3 the headers behind the time, one for all; then two a job: header up to the time, payload
-- Returns: 1 where the queue is new to this server, else 0
local fresh = check_version(ARGV[1])
local call, lane, rest = redis.call, LANES[tonumber(ARGV[2])], text(clock()) .. ARGV[3]
for i = 4, #ARGV, 2 do
  call('XADD', lane, '*', 'h', ARGV[i] .. rest, 'p', ARGV[i + 1])
end
count('enqueued', (#ARGV - 3) / 2)
return fresh and 1 or 0
