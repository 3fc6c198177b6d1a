-- A cheque's number is one cheque's only.
create index on piece (((making -> 'cheque' ->> 'bank_account')::int), ((making -> 'cheque' ->> 'number')::bigint))
 where making ? 'cheque';

-- What a search looks at in an order: texts by their words, and what it names by marks such as 'contact:7'. One mark says
-- whose orders of which kind and mode they are, so that the index alone finds them. Of secret contacts nothing is found.
create function piece_words(ordered send, description text, making jsonb, to_id bigint, from_id bigint, envelope_id int)
returns tsvector language sql stable as $$
    select jsonb_to_tsvector('simple',
               jsonb_build_array(
                   description, ordered.metadata, ordered.tracking_number, ordered.mailing_class, ordered.extra_service,
                   making -> 'mailing_class', making -> 'size', making -> 'cheque' -> 'number',
                   making -> 'cheque' -> 'memo', making -> 'cheque' -> 'message',
                   case when octet_length(making ->> 'merge_variables') < 200000 then making -> 'merge_variables' end,
                   case when not exists (select from contact where id = to_id and settings ? 'secret')
                        then ordered.recipient end,
                   case when not exists (select from contact where id = from_id and settings ? 'secret')
                        then ordered.return_address end),
               '["string", "numeric"]')
           || array_to_tsvector(array_remove(array[
                  'in:' || ordered.organization_id || ':' || ordered.live::int || ':' || ordered.kind,
                  'send:' || ordered.send_id, 'contact:' || to_id, 'contact:' || from_id,
                  'return_envelope:' || envelope_id, 'bank_account:' || (making -> 'cheque' ->> 'bank_account'),
                  'campaign:' || nullif(ordered.campaign_id, 0)], null))
           || array_to_tsvector(array(
                  select 'template:' || number
                    from jsonb_each_text(making -> 'templates') templates (part, number)))
$$;

alter table piece add column words tsvector not null default '';
update piece
   set words = piece_words(send, piece.description, making, to_contact_id, from_contact_id, return_envelope_id)
  from send
 where send.send_id = piece.send_id;
create index on piece using gin (words);
