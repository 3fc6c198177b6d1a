-- A file that comes again keeps what it was; one that was cut off says so.

alter table feed_file
    add column first_finished_at timestamptz,           -- however often it is read again after that
    add column incomplete boolean not null default false; -- its end was missing, or damaged
update feed_file set first_finished_at = finished_at;
