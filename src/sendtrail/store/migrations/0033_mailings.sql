-- What workers need to know of mailing lists' imports and of campaigns that make their own sends.

alter table mailing_list_import
    add column sender_verified  int not null default 0, -- senders by the status of their address
    add column sender_corrected int not null default 0,
    add column sender_failed    int not null default 0,
    -- Whoever reads it holds it until then; one that nobody holds is read from its beginning.
    add column claimed_until    timestamptz not null default '-infinity';

create index on mailing_list_member (import_id) where import_id is not null;

alter table mailing
    add column due_at timestamptz not null default now(),   -- when a worker looks at it next
    add column told   text not null default '',             -- the status that hooks were told last
    drop constraint mailing_status_check,
    add constraint mailing_status_check check (
        status in ('drafting', 'changes_required', 'draft', 'creating_orders', 'ready', 'cancelling'));
drop index mailing_campaign_id_idx;
create index on mailing (due_at) where status in ('creating_orders', 'cancelling')
                                    or status = 'ready' and told <> 'processed_for_delivery';
create index on mailing (mailing_list_id);
