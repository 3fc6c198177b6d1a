-- What came of the links of trackers: counted as it happens, so that no list of trackers counts visits.

create table tracked (                                  -- one row for each link of a tracker that somebody opened
    link_id         bigint primary key,
    tracker_id      int not null references tracker,
    send_id         bigint not null,
    visits          int not null,                       -- by people; trials and robots do not count
    visitors        int not null                        -- different ones, day by day
) with (fillfactor = 70);
create index on tracked (tracker_id) include (visits, visitors);
create index on tracked (send_id);
