-- A secret contact is not found by what answers do not tell of it.
alter table contact drop column words;
alter table contact add column words tsvector not null generated always as (
    case when settings ? 'secret' then to_tsvector('simple', description)
         else to_tsvector('simple', first_name || ' ' || last_name || ' ' || company || ' ' || job_title || ' ' || email
             || ' ' || phone || ' ' || address_line1 || ' ' || address_line2 || ' ' || city || ' ' || state || ' '
             || postal_code || ' ' || description) end) stored;
create index on contact using gin (words);
