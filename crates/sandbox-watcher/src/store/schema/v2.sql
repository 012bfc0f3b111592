-- Format 2. Lists of whole runs and sorting by a metric no longer look at every row.

CREATE INDEX run_kind ON run (kind, started);
CREATE INDEX series_name ON series (name);
