-- Tries to sign in: who guesses passwords is slowed down, whichever process answers.

create table attempt (
    who        bytea primary key,                       -- a digest of the address that somebody tries
    n          int not null,
    expires_at timestamptz not null
);
create index on attempt (expires_at);
