-- Content of mail pieces, by its digest.

-- name: put
insert into document (organization_id, live, digest, media_type, content)
select %(organization_id)s, %(live)s, digest, media_type, content
  from unnest(%(digests)s::bytea[], %(media_types)s::text[], %(contents)s::bytea[]) given (digest, media_type, content)
 order by digest
    on conflict do nothing

-- name: read
select digest, media_type, content
  from document
 where organization_id = %(organization_id)s and live = %(live)s and digest = any (%(digests)s::bytea[])
