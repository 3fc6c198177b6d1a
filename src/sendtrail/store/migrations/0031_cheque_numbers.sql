-- Cheques of an account are numbered from 1 on, unless somebody says otherwise.
alter table bank_account add column last_number bigint not null default 0;
