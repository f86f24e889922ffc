-- The desk's queue goes through these lines in the log's order from where it stood, so that nothing that is appended pushes out
-- what nobody has reviewed.
DROP INDEX access_line_broken_glass;
CREATE INDEX access_line_broken_glass ON access_line (epoch, position)
  WHERE action IN ('break-glass', 'find', 'opened-again');
-- Whom a device may name in what it tells of itself: who was signed in on it, also long ago.
CREATE INDEX session_of_device_and_user ON session (device_id, user_id);
