-- The bus of an earlier version: one queue without a name, with one message in it and one delivered event.
PRAGMA application_id = 0x5465726e;
CREATE TABLE checkpoint (
    stream TEXT PRIMARY KEY,
    sequence_number TEXT NOT NULL
) STRICT;
CREATE TABLE message (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    dead INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX message_by_visibility ON message (dead, visible_at);
CREATE TABLE event_way (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    event_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    delivered_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    request_id TEXT
) STRICT;
INSERT INTO event_way (event_id, event_type, subject, state, published_at, delivered_at, attempts)
    VALUES ('AAAAAA-1', 'booking.confirmed.v1', 'AAAAAA', 'delivered', 999000, 999500, 1);
INSERT INTO event_way (event_id, event_type, subject, state, published_at, attempts)
    VALUES ('BBBBBB-1', 'booking.confirmed.v1', 'BBBBBB', 'retrying', 999900, 2);
INSERT INTO message (event_id, body, sent_at, visible_at, receive_count)
    VALUES ('BBBBBB-1', '{"id":"BBBBBB-1"}', 999900, 999950, 2);
