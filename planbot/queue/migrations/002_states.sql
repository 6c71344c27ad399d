-- What passes have told of every repository, for the pages of all processes.
CREATE TABLE planbot_states (
    repository text PRIMARY KEY, -- in lower case
    state text NOT NULL,         -- JSON as text: jsonb refuses some of the characters that plans may hold
    changed timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX planbot_states_changed ON planbot_states (changed);
