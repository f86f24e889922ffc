-- The plans of append_care are made once per connection, perhaps while its tables are still empty, and a scan of what was
-- small then would be run for as long as the connection lives. Every look-up in it has an index: it is always taken.
ALTER FUNCTION append_care SET enable_seqscan = off;
ALTER FUNCTION append_care SET enable_hashjoin = off;
ALTER FUNCTION append_care SET enable_mergejoin = off;
-- Left to choose, the planner finds a plan for these very arrays cheaper to run, and plans all ten statements anew for every
-- group: 0.2 ms of a small group's 0.9.
ALTER FUNCTION append_care SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION append_access SET plan_cache_mode = force_generic_plan;
