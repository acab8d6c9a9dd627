#!lua
-- Adds jobs of one queue, all or none, in order. The only script that a full server refuses.
-- ARGV: 1 layout version; then four a job: header up to the time, header behind it, delay in ms (0 for none), payload
-- Returns: 1 where the queue is new to this server, else 0
local fresh = check_version(ARGV[1])
local now = clock()
local stamp = text(now)
for i = 2, #ARGV, 4 do
  local delay = tonumber(ARGV[i + 2])
  local job = {
    ulid = string.sub(ARGV[i], 3, 28),
    header = ARGV[i] .. stamp .. ARGV[i + 1],
    payload = ARGV[i + 3],
  }
  put(job, LANE_OF[string.sub(ARGV[i + 1], 2, 2)], delay > 0 and now + delay or nil)
end
count('enqueued', (#ARGV - 1) / 4)
return fresh and 1 or 0
