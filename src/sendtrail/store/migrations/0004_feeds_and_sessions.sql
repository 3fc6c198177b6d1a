-- What the pages tell of feeds, and whose a sign-in is.

alter table feed_file
    add column brought_by text not null default '',     -- the actor: feed:2, member:3, key:7, cli, feed-dir
    add column bytes_read bigint not null default 0,    -- how far its reading has come
    add column oldest_at timestamptz,                   -- the times of what it tells, from
    add column newest_at timestamptz;                   -- to
update feed_file set brought_by = coalesce('feed:' || feed_id, ''), bytes_read = bytes;
create index on feed_file (organization_id, live, id desc);
create index on feed_file (organization_id, live, received_at);

alter table feed add column last_heard_at timestamptz;
update feed set last_heard_at = (select max(received_at) from feed_file where feed_id = feed.id);

alter table session add column member_id int;           -- so that a new password can end the other sign-ins
update session set member_id = (convert_from(data, 'UTF8')::jsonb ->> 'member_id')::int;
create index on session (member_id);
