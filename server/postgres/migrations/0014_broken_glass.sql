-- What was opened past the usual rules is found again by the desk, however long the access log is.
CREATE INDEX access_line_broken_glass ON access_line (received) WHERE action = 'break-glass';
