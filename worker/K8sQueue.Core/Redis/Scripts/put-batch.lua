#!lua
-- Writes the record of a batch, before its jobs are enqueued. All of them are open from now on.
-- ARGV: 1 layout version; 2 the batch's id without its queue; 3 for how long it is kept unless it is sealed, in ms; 4-8 the job that is enqueued
--   when all have ended: its id without its queue (empty for none), header up to the time, header behind it, delay in ms, payload; 9-13 the one
--   when all are completed; then the ids of its jobs
-- Returns: 1 where the queue is new to this server, else 0
local fresh = check_version(ARGV[1])
local key = BASE .. 'batch:' .. ARGV[2]
redis.call('HSET', key, 'n', #ARGV - 13, 'a', text(clock()))
for which, at in pairs({ c = 4, s = 9 }) do
  if ARGV[at] ~= '' then
    redis.call('HSET', key, which, ARGV[at], which .. ':h', ARGV[at + 1], which .. ':t', ARGV[at + 2], which .. ':d', ARGV[at + 3],
      which .. ':p', ARGV[at + 4])
  end
end
for first = 14, #ARGV, 1000 do
  local last = math.min(first + 999, #ARGV)
  redis.call('RPUSH', key .. ':jobs', unpack(ARGV, first, last))
  redis.call('SADD', key .. ':open', unpack(ARGV, first, last))
end
batches().keep(key, ARGV[3])
return fresh and 1 or 0
