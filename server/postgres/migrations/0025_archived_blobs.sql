-- The archive's name of a blob that is in it whole; null while it is not. A blob that is removed, and comes again, is sealed again.
ALTER TABLE blob ADD COLUMN archived text;
CREATE INDEX blob_to_archive ON blob (started, record_id, sha256) WHERE complete AND archived IS NULL;
CREATE INDEX blob_archived ON blob (archived) WHERE archived IS NOT NULL;

-- Reads every blob, changes none, and says that it has it.
GRANT SELECT ON blob, blob_chunk TO holdfast_archive;
GRANT UPDATE (archived) ON blob TO holdfast_archive;
CREATE POLICY archive_read ON blob FOR SELECT TO holdfast_archive USING (true);
CREATE POLICY archive_mark ON blob FOR UPDATE TO holdfast_archive USING (true) WITH CHECK (true);
CREATE POLICY archive_read ON blob_chunk FOR SELECT TO holdfast_archive USING (true);
