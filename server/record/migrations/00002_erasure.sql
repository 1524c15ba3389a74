-- +goose Up
-- Tables of a month may be erased: when (0 where they were not), by whom, and why.
ALTER TABLE imports ADD COLUMN erased BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN eraser TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN why TEXT COLLATE "C" NOT NULL DEFAULT '';
