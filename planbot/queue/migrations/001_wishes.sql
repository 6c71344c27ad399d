-- Where every repository stands; who changes anything about one holds its row.
CREATE TABLE planbot_repositories (
    repository text PRIMARY KEY, -- in lower case: the lock of its jobs
    name text NOT NULL,          -- as the server writes it
    since timestamptz,           -- when the oldest wish came that no pass has taken
    due timestamptz NOT NULL DEFAULT to_timestamp(0),
    failures integer NOT NULL DEFAULT 0,
    rests timestamptz NOT NULL DEFAULT to_timestamp(0),
    rests_less timestamptz NOT NULL DEFAULT to_timestamp(0), -- where a webhook asks
    running bigint,              -- the job whose pass has taken wishes and not ended
    running_since timestamptz,
    newest bigint NOT NULL DEFAULT 0, -- of the wishes that it took
    given_up timestamptz,        -- when planbot stopped to try again by itself
    why text NOT NULL DEFAULT '',
    hint text NOT NULL DEFAULT ''
);
CREATE INDEX planbot_repositories_given_up ON planbot_repositories (given_up) WHERE given_up IS NOT NULL;

-- Why passes are wanted; those that are done stay for a while, so that what comes twice counts once.
CREATE TABLE planbot_wishes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository text NOT NULL REFERENCES planbot_repositories ON DELETE CASCADE,
    key text, -- what is the same for every process that tells of one webhook or one time of the schedule
    kind text NOT NULL,
    reason text NOT NULL, -- JSON as text: jsonb refuses some of the characters that plans may hold
    asked timestamptz NOT NULL DEFAULT clock_timestamp(),
    done timestamptz,
    UNIQUE (repository, key)
);
CREATE INDEX planbot_wishes_undone ON planbot_wishes (repository, id) WHERE done IS NULL;
CREATE INDEX planbot_wishes_done ON planbot_wishes (done) WHERE done IS NOT NULL;
