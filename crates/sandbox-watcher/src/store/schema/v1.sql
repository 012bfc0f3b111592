-- Format 1. Times are microseconds since 1970, `mono` microseconds since the writer began.

CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- Processes that write or wrote. What of their journals is in the store stands here, in the same transaction.
CREATE TABLE writer (
    id TEXT PRIMARY KEY,
    identity TEXT NOT NULL,
    began INTEGER NOT NULL,
    heartbeat INTEGER NOT NULL,
    ended INTEGER,
    segment INTEGER NOT NULL DEFAULT 0,
    byte INTEGER NOT NULL DEFAULT 0,
    dropped TEXT
) WITHOUT ROWID;

-- Runs of all levels: sandbox, pipeline, iteration, job, trial. `status` is what the writer said; who is gone without a word has crashed.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    parent TEXT,
    writer TEXT NOT NULL,
    local INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    project TEXT NOT NULL,
    experiment TEXT NOT NULL,
    pipeline TEXT,
    iteration INTEGER,
    hook TEXT,
    type_name TEXT,
    work_dir TEXT,
    status TEXT NOT NULL,
    message TEXT,
    hint TEXT,
    started INTEGER NOT NULL,
    ended INTEGER,
    rejected INTEGER NOT NULL DEFAULT 0,
    outputs TEXT,
    report TEXT,
    progress TEXT,
    changed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (writer, local)
);
CREATE INDEX run_parent ON run (parent);
CREATE INDEX run_changed ON run (changed);

CREATE TABLE tag (run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE config (run INTEGER NOT NULL, prefix TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, prefix)) WITHOUT ROWID;

-- Names of a run with their summary. A last value that is not finite is NULL with the kind of a number.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    local INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind INTEGER,
    count INTEGER NOT NULL DEFAULT 0,
    items INTEGER NOT NULL DEFAULT 0,
    nans INTEGER NOT NULL DEFAULT 0,
    first REAL, first_step INTEGER,
    last, last_step INTEGER, last_seq INTEGER, last_time INTEGER,
    low REAL, low_step INTEGER,
    high REAL, high_step INTEGER,
    sum REAL NOT NULL DEFAULT 0,
    goal INTEGER,
    changed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run, name),
    UNIQUE (run, local)
);
CREATE INDEX series_changed ON series (changed);

-- Points, packed. `no` is the number of the first one in its series; level 0 and 1 are loose, level 2 is final.
CREATE TABLE block (
    series INTEGER NOT NULL,
    no INTEGER NOT NULL,
    level INTEGER NOT NULL,
    count INTEGER NOT NULL,
    nans INTEGER NOT NULL,
    step_low INTEGER NOT NULL, step_high INTEGER NOT NULL,
    low REAL, high REAL, sum REAL NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (series, no)
);

-- Values that are no numbers. `digest` names the large ones.
CREATE TABLE item (
    series INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    step INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    data BLOB,
    digest TEXT,
    cut INTEGER,
    PRIMARY KEY (series, seq)
) WITHOUT ROWID;
CREATE TABLE large (digest TEXT PRIMARY KEY, bytes INTEGER NOT NULL, data BLOB NOT NULL);

CREATE TABLE log (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, time INTEGER NOT NULL, stream TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX log_run ON log (run, id);
CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL);
CREATE INDEX event_run ON event (run, id);
CREATE TABLE bad_row (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE INDEX bad_row_run ON bad_row (run, id);

CREATE TABLE artifact (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER, UNIQUE (kind, digest));
CREATE TABLE edge (run INTEGER NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL, how TEXT NOT NULL, PRIMARY KEY (run, source, target, how)) WITHOUT ROWID;
CREATE INDEX edge_target ON edge (target);
