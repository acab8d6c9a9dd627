#!lua flags=no-writes,allow-oom
-- What became of the queue's tracked jobs, oldest first.
-- ARGV: 1 the id of the last event that was seen, 0-0 for all that are kept, $ for none of those there are; 2 how many
-- Returns: 1 where events behind that one are gone, else 0; the id of the last event that was looked at; the events, each its id and its
--   fields and values
local after, most = ARGV[1], ARGV[2]
local stream, state = redis.pcall('XINFO', 'STREAM', EVENTS), { ['last-generated-id'] = '0-0' }
for i = 1, stream.err and 0 or #stream, 2 do
  state[stream[i]] = stream[i + 1]
end
local last, first = state['last-generated-id'], state['first-entry'] and state['first-entry'][1]
if after == '$' then
  return { 0, last, {} }
end
-- One that is later than the last there was is of a stream that was deleted, or of another server.
local trimmed = first and state['entries-added'] > state['length'] and is_later(first, after)
if after ~= '0-0' and (trimmed or is_later(after, last)) then
  return { 1, last, {} }
end
local events = redis.call('XRANGE', EVENTS, '(' .. after, '+', 'COUNT', most)
return { 0, #events > 0 and events[#events][1] or after, events }
