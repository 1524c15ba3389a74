-- +goose Up
-- As in a file of accounts of the third version.
CREATE TABLE identities_before ( -- that accounts had, and have no more
	issuer  TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	ended   BIGINT NOT NULL,
	PRIMARY KEY (issuer, subject, account)
);
