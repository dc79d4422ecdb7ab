-- 1: made by a rebuild to feed the rollups of another generation, no row of any event. Rows of plans are never folded.
ALTER TABLE usage ADD COLUMN IF NOT EXISTS folded UInt8;
