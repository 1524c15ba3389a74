-- +goose Up
-- The tables are those of a file of SQLite, column for column: a backup is such a
-- file. Numbers are counted by who writes, one transaction after the other, so that
-- they come in the order in which they can be seen. Times are microseconds since
-- 1970. Text is sorted and compared by its bytes.
CREATE TABLE rulebooks (
	sha256 BYTEA PRIMARY KEY,
	text   BYTEA NOT NULL
);
CREATE TABLE decisions (
	seq      BIGINT PRIMARY KEY,
	hash     BYTEA NOT NULL,
	recorded BIGINT NOT NULL,
	question TEXT COLLATE "C" NOT NULL,
	verdict  TEXT COLLATE "C" NOT NULL,
	retry    BYTEA,
	body     BYTEA NOT NULL
);
CREATE INDEX decisions_by_time ON decisions (recorded, seq);
CREATE INDEX decisions_by_question ON decisions (question, seq);
CREATE INDEX decisions_by_verdict ON decisions (verdict, seq);
CREATE UNIQUE INDEX decisions_by_retry ON decisions (retry) WHERE retry IS NOT NULL;

CREATE TABLE imports (
	id       BIGINT PRIMARY KEY,
	month    TEXT COLLATE "C" NOT NULL,
	source   TEXT COLLATE "C" NOT NULL,
	at       BIGINT NOT NULL,
	caller   TEXT COLLATE "C" NOT NULL,
	reason   TEXT COLLATE "C" NOT NULL,
	replaces BIGINT UNIQUE, -- so that no two take the place of one
	summary  BYTEA NOT NULL
);
CREATE INDEX imports_by_month ON imports (month, source);
CREATE TABLE import_files (
	import BIGINT NOT NULL,
	name   TEXT COLLATE "C" NOT NULL,
	size   BIGINT NOT NULL,
	sha256 BYTEA NOT NULL,
	PRIMARY KEY (import, name)
);
CREATE TABLE import_parts ( -- of the files, compressed
	import BIGINT NOT NULL,
	name   TEXT COLLATE "C" NOT NULL,
	part   BIGINT NOT NULL,
	data   BYTEA NOT NULL,
	PRIMARY KEY (import, name, part)
);

CREATE TABLE steps (
	seq      BIGINT PRIMARY KEY,
	hash     BYTEA NOT NULL,
	of       BIGINT NOT NULL, -- place of the record
	kind     TEXT COLLATE "C" NOT NULL,
	who      TEXT COLLATE "C" NOT NULL,
	corrects BIGINT UNIQUE, -- so that no two take the place of one
	retry    BYTEA,
	body     BYTEA NOT NULL
);
CREATE INDEX steps_by_record ON steps (of);
CREATE UNIQUE INDEX steps_by_retry ON steps (retry) WHERE retry IS NOT NULL;

CREATE TABLE rule_texts (
	sha256 BYTEA PRIMARY KEY, -- of the text
	data   BYTEA NOT NULL     -- the text, compressed with gzip
);
CREATE TABLE change_steps (
	seq    BIGINT PRIMARY KEY,
	hash   BYTEA NOT NULL,
	change BIGINT NOT NULL,
	kind   TEXT COLLATE "C" NOT NULL,
	retry  BYTEA,
	body   BYTEA NOT NULL
);
CREATE INDEX change_steps_by_change ON change_steps (change);
CREATE UNIQUE INDEX change_steps_by_retry ON change_steps (retry) WHERE retry IS NOT NULL;

CREATE TABLE events (
	seq  BIGINT PRIMARY KEY,
	id   TEXT COLLATE "C" NOT NULL UNIQUE,
	at   BIGINT NOT NULL,
	type TEXT COLLATE "C" NOT NULL,
	of   TEXT COLLATE "C" NOT NULL, -- id of a record, '' for none
	data BYTEA NOT NULL
);

CREATE TABLE webhooks (
	name      TEXT COLLATE "C" PRIMARY KEY,
	url       TEXT COLLATE "C" NOT NULL,
	types     TEXT COLLATE "C" NOT NULL, -- parted by blanks
	secret    BYTEA NOT NULL,
	from_file BIGINT NOT NULL,
	made      BIGINT NOT NULL,
	caller    TEXT COLLATE "C" NOT NULL,
	cursor    TEXT COLLATE "C" NOT NULL,
	delivered BIGINT NOT NULL, -- 0 for never, as below
	tries     BIGINT NOT NULL,
	failing   BIGINT NOT NULL,
	next      BIGINT NOT NULL,
	problem   TEXT COLLATE "C" NOT NULL,
	stopped   BIGINT NOT NULL
);
