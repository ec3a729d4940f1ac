-- Who made a theme, who changed it last, and which state of it this is. Those that are there already were made by
-- nobody we know.
ALTER TABLE theme ADD COLUMN created_by TEXT COLLATE "C" NOT NULL DEFAULT 'otpost';
ALTER TABLE theme ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE theme ADD COLUMN changed_by TEXT COLLATE "C" NOT NULL DEFAULT 'otpost';
ALTER TABLE theme ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE theme ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
