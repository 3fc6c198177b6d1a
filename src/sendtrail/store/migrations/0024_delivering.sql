-- Who sends what a hook is told: one worker at a time, for a while that it renews.

alter table hook
    add column held_by text not null default '',        -- a worker, by a name that it made up
    add column held_until timestamptz;

-- What is sent changes its place in the indexes of what is due: they are tidied before they are mostly that.
alter table delivery set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
