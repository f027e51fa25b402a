"""The journal's SQL, named and in one place: its tables, and what is written or asked often.

Tables and migrations are SQL, for sqlite-utils makes none with numbers that never come again or
without row ids. What pages search is asked through it (reading.py).
"""

MIGRATIONS = (
    # 1: events numbered for ever (AUTOINCREMENT never reuses), states, consumers, hourly counts,
    # signed checkpoints of the chain.
    """
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        lane TEXT NOT NULL,
        time TEXT NOT NULL,
        plate TEXT NOT NULL,
        hash TEXT NOT NULL,
        body TEXT NOT NULL
    );
    CREATE INDEX events_by_type ON events (type, seq);
    CREATE INDEX events_by_lane ON events (lane, seq);
    CREATE INDEX events_by_time ON events (time);
    CREATE INDEX events_by_plate ON events (plate, seq) WHERE plate <> '';
    CREATE TABLE states (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE consumers (name TEXT PRIMARY KEY, through INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE hours (
        hour TEXT NOT NULL, type TEXT NOT NULL, lane TEXT NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (type, hour, lane)
    ) WITHOUT ROWID;
    CREATE TABLE checkpoints (
        seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, time TEXT NOT NULL, signature TEXT NOT NULL
    );
    """,
    # 2: every plate once, so that a part of one is looked for among plates and not among events.
    # A plate stays listed when its events are past their time.
    """
    CREATE TABLE plates (plate TEXT PRIMARY KEY) WITHOUT ROWID;
    INSERT OR IGNORE INTO plates SELECT plate FROM events WHERE plate <> '';
    CREATE INDEX events_by_type_time ON events (type, time);
    """,
)

INSERT_EVENT = (
    "INSERT INTO events (seq, id, type, lane, time, plate, hash, body) VALUES (?,?,?,?,?,?,?,?)"
)
LIST_PLATE = "INSERT OR IGNORE INTO plates (plate) VALUES (?)"
COUNT_HOUR = (
    "INSERT INTO hours (hour, type, lane, n) VALUES (?,?,?,1) "
    "ON CONFLICT (type, hour, lane) DO UPDATE SET n = n + 1"
)
PUT_STATE = (
    "INSERT INTO states (key, body) VALUES (?,?) "
    "ON CONFLICT (key) DO UPDATE SET body = excluded.body"
)
FORGET_STATE = "DELETE FROM states WHERE key = ?"
FORGET_LANES = "DELETE FROM states WHERE key >= 'lane:' AND key < 'lane;'"
STATE = "SELECT body FROM states WHERE key = ?"
STATES_UNDER = "SELECT key, body FROM states WHERE key >= ? AND key < ?"

# The number of the last event ever, whether or not it is still kept.
LAST_SEQ = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"
FORGET_LAST_SEQ = "DELETE FROM sqlite_sequence WHERE name = 'events'"
SET_LAST_SEQ = "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)"
# The last number, and the hash of its event where that is kept.
END_OF_CHAIN = (
    "SELECT s.seq, e.hash FROM sqlite_sequence s LEFT JOIN events e ON e.seq = s.seq "
    "WHERE s.name = 'events'"
)
BETWEEN = "SELECT min(seq), max(seq) FROM events WHERE time >= ? AND time < ?"
HASH = "SELECT hash FROM events WHERE seq = ?"
LAST_ROW = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"
AFTER = "SELECT seq, type, lane, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
AFTER_OF_TYPE = (
    "SELECT seq, type, lane, body FROM events WHERE seq > ? AND type = ? ORDER BY seq LIMIT ?"
)
# Number, hash and body of a page; whole rows of one, for a copy; where the kept ones begin.
PAGE = "SELECT seq, hash, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
PAGE_WHOLE = (
    "SELECT seq, id, type, lane, time, plate, hash, body FROM events WHERE seq > ? "
    "ORDER BY seq LIMIT ?"
)
OLDEST = "SELECT coalesce(min(seq), 0) FROM events"

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"

THROUGH = "SELECT through FROM consumers WHERE name = ?"
# A consumer's position only ever rises.
ACKNOWLEDGE = (
    "INSERT INTO consumers (name, through) VALUES (?,?) "
    "ON CONFLICT (name) DO UPDATE SET through = max(through, excluded.through)"
)
CONSUMERS = "SELECT name, through FROM consumers ORDER BY name"
SKIP = "UPDATE consumers SET through = max(through, ?) WHERE name <> ?"
FORGET_CONSUMER = "DELETE FROM consumers WHERE name = ?"
SLOWEST = "SELECT coalesce(min(through), 0) FROM consumers"

PUT_CHECKPOINT = "INSERT OR REPLACE INTO checkpoints (seq, hash, time, signature) VALUES (?,?,?,?)"
CHECKPOINTS = "SELECT seq, hash, time, signature FROM checkpoints ORDER BY seq"

# Only what every consumer has acknowledged, only the oldest, never the last one: the chain stays
# whole.
PRUNE_OLDER = (
    "DELETE FROM events WHERE seq <= ? AND time < ? AND seq < (SELECT max(seq) FROM events)"
)
COUNT_YOUNGER = (
    "SELECT count(*) FROM events WHERE seq <= ? AND seq <= (SELECT min(seq) + ? FROM events) "
    "AND seq < (SELECT max(seq) FROM events) AND time >= ?"
)
PRUNE_OLDEST = (
    "DELETE FROM events WHERE seq <= ? AND seq <= (SELECT min(seq) + ? FROM events) "
    "AND seq < (SELECT max(seq) FROM events)"
)
