-- Whoever changes a secret twice in a day was promised a day for each that signed before.

alter table hook
    add column old_secrets jsonb not null default '[]'; -- {"secret", "until"} of each: it signs too until then
update hook set old_secrets = jsonb_build_array(jsonb_build_object('secret', old_secret, 'until', old_secret_until))
 where old_secret <> '' and old_secret_until > now() and format in ('standard', 'flat');
alter table hook
    drop column old_secret,
    drop column old_secret_until;
