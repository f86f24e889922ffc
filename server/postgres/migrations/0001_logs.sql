-- One trust's logs, and what is projected from them. Runs as holdfast_owner in the trust's own database.
-- At rest the only clear columns are ids, site, position, state, time; everything else is in `sealed`.

-- This life of this server. A restore gives a new incarnation, and clients then offer what they hold (refill).
CREATE TABLE life (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch int NOT NULL,
  incarnation uuid NOT NULL
);
INSERT INTO life (epoch, incarnation) VALUES (1, gen_random_uuid());

-- The row lock on a head gives positions in commit order. A sequence would skip rows for readers.
CREATE TABLE log_head (
  log text PRIMARY KEY CHECK (log IN ('care', 'access', 'control')),
  epoch int NOT NULL,
  position bigint NOT NULL
);
INSERT INTO log_head (log, epoch, position) VALUES ('care', 1, 0), ('access', 1, 0), ('control', 1, 0);

CREATE TABLE care_line (
  position bigint PRIMARY KEY,
  epoch int NOT NULL,
  received timestamptz NOT NULL,
  device_id uuid NOT NULL,
  record_id uuid NOT NULL,
  n int,
  entry_id uuid,
  hash bytea NOT NULL,
  signature text,
  -- Why a line is quarantined. Such a line has no n and no entry_id: its bytes may be anything.
  quarantine text,
  sealed bytea NOT NULL,
  CHECK ((quarantine IS NULL) = (n IS NOT NULL AND entry_id IS NOT NULL))
);
CREATE UNIQUE INDEX care_line_entry ON care_line (entry_id);
-- Also the way to a record's lines.
CREATE UNIQUE INDEX care_line_chain ON care_line (record_id, device_id, n);

CREATE TABLE access_line (
  position bigint PRIMARY KEY,
  epoch int NOT NULL,
  received timestamptz NOT NULL,
  device_id uuid NOT NULL,
  hash bytea NOT NULL,
  sealed bytea NOT NULL
);
CREATE TABLE control_line (LIKE access_line INCLUDING ALL);

-- The key that a record's entries are sealed with, wrapped by the trust key, which is not in this database.
CREATE TABLE record_key (record_id uuid PRIMARY KEY, wrapped bytea NOT NULL);

-- Projections: disposable, rebuilt from the logs by `holdfast rebuild`.
CREATE TABLE record_head (
  record_id uuid PRIMARY KEY,
  last_position bigint NOT NULL,
  last_received timestamptz NOT NULL
) WITH (fillfactor = 60);
-- Sites that a record named. `gone`: the patient goes elsewhere, or nowhere.
CREATE TABLE record_site (
  record_id uuid NOT NULL,
  site_id text NOT NULL,
  since_position bigint NOT NULL,
  since_received timestamptz NOT NULL,
  gone boolean NOT NULL,
  last_received timestamptz NOT NULL,
  PRIMARY KEY (record_id, site_id)
) WITH (fillfactor = 60);
-- Every entry moves last_received, so no index holds it: the row is then updated in its page.
CREATE INDEX record_site_site ON record_site (site_id, since_received);
CREATE TABLE arrival (
  record_id uuid NOT NULL,
  site_id text NOT NULL,
  position bigint NOT NULL,
  state text NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (record_id, site_id)
) WITH (fillfactor = 50);
-- Blind index: HMAC of NHS number, date of birth, phonetic surname.
CREATE TABLE search_token (token bytea NOT NULL, record_id uuid NOT NULL, PRIMARY KEY (token, record_id));
CREATE INDEX search_token_record ON search_token (record_id);
CREATE TABLE chain_hole (
  record_id uuid NOT NULL,
  device_id uuid NOT NULL,
  from_n int NOT NULL,
  to_n int NOT NULL,
  PRIMARY KEY (record_id, device_id, from_n)
);
-- Projection of the control log.
CREATE TABLE device (
  device_id uuid PRIMARY KEY,
  zone text NOT NULL,
  site_id text,
  position bigint NOT NULL,
  enrolled timestamptz NOT NULL,
  sealed bytea NOT NULL
);

CREATE TABLE blob (
  record_id uuid NOT NULL,
  sha256 bytea NOT NULL,
  bytes bigint NOT NULL,
  stored bigint NOT NULL DEFAULT 0,
  complete boolean NOT NULL DEFAULT false,
  started timestamptz NOT NULL DEFAULT now(),
  sealed_type bytea NOT NULL,
  PRIMARY KEY (record_id, sha256)
);
CREATE TABLE blob_chunk (
  record_id uuid NOT NULL,
  sha256 bytea NOT NULL,
  start bigint NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (record_id, sha256, start)
);
