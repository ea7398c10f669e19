-- Readers: accounts, what they prove themselves with, where they are signed in.

-- Work that follows from something in a reader's own drawer has no entry in the record.
CREATE TABLE job_with (
	id      INTEGER PRIMARY KEY,
	entry   INTEGER REFERENCES entry (number), -- NULL: of a quiet act
	kind    TEXT    NOT NULL,
	payload TEXT    NOT NULL,
	due     INTEGER NOT NULL,
	attempt INTEGER NOT NULL DEFAULT 0,
	error   TEXT    NOT NULL DEFAULT ''
);
INSERT INTO job_with SELECT id, entry, kind, payload, due, attempt, error FROM job;
DROP TABLE job;
ALTER TABLE job_with RENAME TO job;
CREATE INDEX job_due ON job (kind, due, id);
CREATE INDEX job_entry ON job (entry);
CREATE TABLE failed_with (
	id       INTEGER PRIMARY KEY,
	entry    INTEGER REFERENCES entry (number),
	kind     TEXT    NOT NULL,
	payload  TEXT    NOT NULL,
	attempts INTEGER NOT NULL,
	error    TEXT    NOT NULL,
	failed   INTEGER NOT NULL
);
INSERT INTO failed_with SELECT id, entry, kind, payload, attempts, error, failed FROM failed_job;
DROP TABLE failed_job;
ALTER TABLE failed_with RENAME TO failed_job;
CREATE INDEX failed_job_entry ON failed_job (entry);

CREATE TABLE reader (
	id          INTEGER PRIMARY KEY,
	address     TEXT,                    -- for mail, as typed; NULL once the account is gone
	address_key TEXT    UNIQUE,          -- the same folded, to find it by
	confirmed   INTEGER NOT NULL,        -- when the address was last proven
	name        TEXT    NOT NULL,
	name_key    TEXT    NOT NULL UNIQUE, -- the same for names that differ in case or in letters that look alike
	name_look   TEXT    NOT NULL,        -- the same for names that look alike as they are written: PauI, Paul
	renamed     INTEGER NOT NULL DEFAULT 0,
	about       TEXT    NOT NULL DEFAULT '',
	picture     TEXT    NOT NULL DEFAULT '', -- hash of reader_picture; '' : drawn from the name
	language    TEXT    NOT NULL DEFAULT '', -- of mail; '': the publication's
	role        TEXT    NOT NULL DEFAULT 'reader',
	state       TEXT    NOT NULL DEFAULT 'active', -- active, disabled, leaving, gone
	why         TEXT    NOT NULL DEFAULT '', -- of being disabled
	leaving     INTEGER NOT NULL DEFAULT 0,  -- when the account goes, if it is leaving
	keep_words  INTEGER NOT NULL DEFAULT 1,  -- comments stay without the name once it is gone
	handle      BLOB    NOT NULL UNIQUE,     -- what passkeys call this account by: random
	password    TEXT,                        -- Argon2id, peppered; NULL: none
	totp        BLOB,                        -- the secret of a second factor, sealed; NULL: none
	totp_step   INTEGER NOT NULL DEFAULT 0,  -- the last one used: a code serves once
	show_comments  INTEGER NOT NULL DEFAULT 1,
	show_followers INTEGER NOT NULL DEFAULT 1,
	show_following INTEGER NOT NULL DEFAULT 1,
	made        INTEGER NOT NULL,
	seen        INTEGER NOT NULL
);
CREATE INDEX reader_look ON reader (name_look);
CREATE INDEX reader_leaving ON reader (leaving) WHERE leaving > 0;
CREATE INDEX reader_role ON reader (role) WHERE role <> 'reader';

-- Small and square (some 15 KB): in the same place as the account, so that it goes with it.
CREATE TABLE reader_picture (
	reader INTEGER PRIMARY KEY REFERENCES reader (id),
	hash   TEXT    NOT NULL,
	bytes  BLOB    NOT NULL -- JPEG
);

-- Names that somebody had: nobody else takes them, and moderators see them.
CREATE TABLE reader_name (
	name_key TEXT    NOT NULL,
	reader   INTEGER NOT NULL REFERENCES reader (id),
	name_look TEXT   NOT NULL,
	name     TEXT    NOT NULL,
	until    INTEGER NOT NULL,
	PRIMARY KEY (name_key, reader)
);
CREATE INDEX reader_name_look ON reader_name (name_look);
CREATE INDEX reader_name_of ON reader_name (reader);

CREATE TABLE reader_follow (
	reader   INTEGER NOT NULL REFERENCES reader (id),
	followed INTEGER NOT NULL REFERENCES reader (id),
	since    INTEGER NOT NULL,
	PRIMARY KEY (reader, followed)
);
CREATE INDEX reader_followed ON reader_follow (followed, since);

-- Where a reader is signed in. Of the secret in the browser's cookie only the hash is here.
CREATE TABLE session (
	id       INTEGER PRIMARY KEY,
	reader   INTEGER NOT NULL REFERENCES reader (id),
	hash     BLOB    NOT NULL UNIQUE,
	previous BLOB    UNIQUE,           -- of the secret before, for other tabs' requests on their way
	turned   INTEGER NOT NULL,         -- when the secret was last made anew
	made     INTEGER NOT NULL,
	used     INTEGER NOT NULL,         -- to the hour
	ends     INTEGER NOT NULL,
	proven   INTEGER NOT NULL,         -- when its owner last proved who they are
	way      TEXT    NOT NULL,         -- password, passkey, mail, provider
	strong   INTEGER NOT NULL,         -- by a passkey or with a second factor
	device   TEXT    NOT NULL,         -- "Firefox on Linux"
	address_hash TEXT NOT NULL DEFAULT '' -- keyed; forgotten after 30 days
);
CREATE INDEX session_of ON session (reader, used);
CREATE INDEX session_ends ON session (ends);

-- Something that is asked once and answered once: a link in a mail, a passkey's challenge, an invitation.
CREATE TABLE challenge (
	id      INTEGER PRIMARY KEY,
	kind    TEXT    NOT NULL,
	reader  INTEGER REFERENCES reader (id), -- NULL: nobody yet
	subject TEXT    NOT NULL DEFAULT '', -- what it is for, folded: an address, an issuer
	name_key TEXT   UNIQUE,              -- a name that is kept free meanwhile
	browser BLOB,                        -- hash of the asking browser's cookie
	secret  BLOB    NOT NULL,            -- what the link and the code are derived from, with a key that is not here
	data    TEXT    NOT NULL DEFAULT '{}',
	device  TEXT    NOT NULL DEFAULT '', -- "Firefox on Linux"
	tries   INTEGER NOT NULL DEFAULT 0,
	made    INTEGER NOT NULL,
	ends    INTEGER NOT NULL,
	used    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX challenge_ends ON challenge (ends);
CREATE INDEX challenge_of ON challenge (kind, subject, made);
CREATE INDEX challenge_reader ON challenge (reader);
CREATE INDEX challenge_browser ON challenge (browser, made);

CREATE TABLE passkey (
	id          INTEGER PRIMARY KEY,
	reader      INTEGER NOT NULL REFERENCES reader (id),
	credential  BLOB    NOT NULL UNIQUE,
	public_key  BLOB    NOT NULL,
	algorithm   INTEGER NOT NULL, -- COSE: -8, -7, -257
	sign_count  INTEGER NOT NULL,
	verified    INTEGER NOT NULL, -- its owner was verified by it, once at least
	transports  TEXT    NOT NULL,
	may_sync    INTEGER NOT NULL, -- backup eligible
	synced      INTEGER NOT NULL,
	aaguid      BLOB    NOT NULL,
	name        TEXT    NOT NULL,
	made        INTEGER NOT NULL,
	used        INTEGER NOT NULL
);
CREATE INDEX passkey_of ON passkey (reader, made);

CREATE TABLE recovery_code (
	reader INTEGER NOT NULL REFERENCES reader (id),
	hash   BLOB    NOT NULL,
	used   INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (reader, hash)
);

-- Who a reader is to an OpenID Connect provider.
CREATE TABLE identity (
	issuer  TEXT    NOT NULL,
	subject TEXT    NOT NULL,
	reader  INTEGER NOT NULL REFERENCES reader (id),
	made    INTEGER NOT NULL,
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_of ON identity (reader);

-- Everything about a reader, made for them to take away.
CREATE TABLE reader_copy (
	id     INTEGER PRIMARY KEY,
	reader INTEGER NOT NULL REFERENCES reader (id),
	made   INTEGER NOT NULL,
	ready  INTEGER NOT NULL DEFAULT 0,
	ends   INTEGER NOT NULL
);
CREATE INDEX reader_copy_of ON reader_copy (reader, made);
