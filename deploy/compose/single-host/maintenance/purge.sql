-- What the job prints is its result.
WITH gone AS (DELETE FROM events WHERE at < now() - interval '30 days' RETURNING 1)
SELECT json_build_object('deleted', count(*)) FROM gone;
