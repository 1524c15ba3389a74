-- +goose Up
-- The tables are those of a file of accounts, column for column. Times are
-- microseconds since 1970. Secrets are kept as their SHA-256 alone.
CREATE TABLE accounts (
	id       TEXT COLLATE "C" PRIMARY KEY,
	name     TEXT COLLATE "C" NOT NULL, -- what the person is called
	roles    TEXT COLLATE "C" NOT NULL, -- joined by commas
	password TEXT COLLATE "C" NOT NULL, -- its Argon2id; '' where none was chosen yet
	locked   BIGINT NOT NULL,           -- 1: signs in no more
	created  BIGINT NOT NULL
);
CREATE TABLE sessions (
	hash    BYTEA PRIMARY KEY,
	account TEXT COLLATE "C" NOT NULL,
	how     TEXT COLLATE "C" NOT NULL,
	begun   BIGINT NOT NULL,
	seen    BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account);
CREATE TABLE links (
	hash    BYTEA PRIMARY KEY,
	account TEXT COLLATE "C" NOT NULL, -- '' to make the first account
	until   BIGINT NOT NULL
);
CREATE TABLE devices ( -- on which somebody has signed in before
	hash    BYTEA NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	seen    BIGINT NOT NULL,
	PRIMARY KEY (hash, account)
);
CREATE TABLE identities ( -- by which an identity provider knows people; an account has one at most
	issuer  TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL UNIQUE,
	added   BIGINT NOT NULL,
	PRIMARY KEY (issuer, subject)
);
CREATE TABLE events ( -- who did what to whom, who looked at what
	seq    BIGINT PRIMARY KEY,
	at     BIGINT NOT NULL,
	who    TEXT COLLATE "C" NOT NULL, -- account or token
	how    TEXT COLLATE "C" NOT NULL,
	what   TEXT COLLATE "C" NOT NULL,
	about  TEXT COLLATE "C" NOT NULL, -- an account or a record
	detail TEXT COLLATE "C" NOT NULL
);
