-- +goose Up
-- What is sent is signed by two secrets while receivers take the new one.
ALTER TABLE webhooks ADD COLUMN old_secret BYTEA NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN old_until BIGINT NOT NULL DEFAULT 0;
