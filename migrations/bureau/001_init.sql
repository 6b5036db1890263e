-- The bureau's schema, version 1. Expand/contract from here on: old phones keep sending.
-- Times are Unix milliseconds (utc) unless the column says otherwise; digests and keys are blobs.

create table bureau (
  -- exactly one row
  one integer primary key check (one = 1),
  id blob not null,
  epoch blob not null,
  name text not null,
  signing_secret blob not null,
  sealing_secret blob not null,
  -- json of wire::enrolment::Settings
  settings text not null,
  -- a demo bureau refuses addresses beyond loopback
  demo integer not null
) strict;

create table township (
  code text primary key,
  name text not null
) strict;

create table coordinator (
  id blob primary key,
  name text not null,
  organisation text not null
) strict;

create table coordinator_township (
  coordinator blob not null references coordinator,
  township text not null references township,
  primary key (coordinator, township)
) strict, without rowid;

create table enrolment_code (
  -- sha-256 of the code in its plain form
  code_hash blob primary key,
  coordinator blob not null references coordinator,
  created_ms integer not null,
  expires_ms integer not null,
  -- the device that used it; the same device may use it again (a lost answer)
  used_by blob,
  used_ms integer
) strict;

create table device (
  id blob primary key,
  coordinator blob not null references coordinator,
  signing_key blob not null,
  sealing_key blob not null,
  -- sha-256 of the bearer token
  token_hash blob not null unique,
  sealed_database_key text,
  app_version text not null,
  enrolled_ms integer not null,
  seen_ms integer,
  revoked_ms integer
) strict;

create table site (
  id blob primary key,
  township text not null references township,
  -- json of domain::site::Site; null when gone
  body text
) strict;

create table checklist (
  hash blob primary key,
  code text not null,
  version text not null,
  -- as published, verbatim
  body text not null,
  offered integer not null
) strict;

-- in order, one row per thing and township that has to hear of it; a new change replaces its row. The state
-- itself is read where it lives, so a site that moved away reads as a tombstone in its old township.
create table change (
  seq integer primary key autoincrement,
  kind text not null,
  id text not null,
  -- empty: for every phone
  township text not null default '',
  unique (kind, id, township)
) strict;

create table document (
  digest blob primary key,
  inspection blob not null,
  revision integer not null,
  parent blob,
  device blob not null references device,
  coordinator blob not null references coordinator,
  site blob not null,
  -- as the document names it; the bureau may not know it
  township text not null,
  township_name text not null,
  -- json of wire::sealed::SealedDocument exactly as it came; its `document` holds the signed bytes
  envelope text not null,
  -- the number people quote
  number text not null unique,
  received_ms integer not null,
  -- what lists show, worked out once at intake
  site_title text not null,
  coordinator_name text not null,
  -- json of Vec<domain::answer::ChecklistRef>
  checklists text not null,
  started_at text not null,
  finished_at text not null,
  level text,
  -- failed items per level as json, such as {"B":1,"C":2}
  failed text not null,
  -- json of Vec<domain::problem::Problem>
  problems text not null,
  distance_m integer
) strict;
create index document_of_inspection on document (inspection, revision);
create index document_by_time on document (received_ms);
create index document_by_township on document (township, received_ms);
create index document_by_device on document (device);

-- the last number given in a year
create table record_number (
  year integer primary key,
  last integer not null
) strict;

create table blob (
  id blob primary key,
  bytes integer not null,
  stored_ms integer not null
) strict;

-- the blobs a document names
create table document_blob (
  document blob not null references document,
  blob blob not null,
  original integer not null,
  primary key (document, blob)
) strict, without rowid;
create index document_blob_by_blob on document_blob (blob);

create table receipt (
  sequence integer primary key,
  document blob not null references document,
  -- the document's, repeated so that a phone's receipts are found without looking at all others
  device blob not null references device,
  complete integer not null,
  -- json of wire::receipt::SignedReceipt, verbatim
  envelope text not null,
  unique (document, complete)
) strict;
create index receipt_by_device on receipt (device, sequence);

-- kept for a while after completion, so that a lost last answer is not an error
create table upload (
  id blob primary key,
  device blob not null references device,
  blob blob not null,
  length integer not null,
  created_ms integer not null
) strict;

create table account (
  name text primary key,
  -- argon2id, phc string
  password text not null,
  shown_as text not null,
  role text not null check (role in ('viewer', 'reviewer', 'admin')),
  -- null: the whole county
  township text references township,
  created_ms integer not null
) strict;

create table session (
  -- sha-256 of the cookie
  token_hash blob primary key,
  account text not null references account,
  csrf text not null,
  created_ms integer not null,
  seen_ms integer not null
) strict;

create table audit (
  seq integer primary key autoincrement,
  at_ms integer not null,
  who text not null,
  action text not null,
  subject text not null
) strict;

-- passwords in the clear, in a demo bureau only: `bureau demo` prints the same ones every time
create table demo_login (
  account text primary key references account,
  password text not null
) strict, without rowid;
