-- The phone's schema, version 1. Never edited after release: what changes is a new file.
-- Moments are RFC 3339 with offset, as the documents write them; `_ms` beside one is the same moment in
-- Unix milliseconds, for ordering. Ids and digests are blobs, documents are JSON.

create table setting (
  name text primary key,
  body text not null
) strict, without rowid;

create table site (
  id blob primary key,
  -- No longer this phone's; kept while a draft or an unsent record names it.
  gone integer not null default 0,
  title text not null,
  -- Name, nickname, address, codes, licences and contacts, folded (see store::site); before the body, so that
  -- a search never reads the body's pages.
  search text not null,
  -- JSON of domain::site::Site.
  body text not null
) strict;

create table checklist (
  -- Order of arrival.
  seq integer primary key autoincrement,
  hash blob not null unique,
  -- 0: not for new visits any more; drafts keep theirs.
  offered integer not null default 1,
  -- As published, verbatim; this app may be too old to read it.
  body text not null
) strict;

create table draft (
  id blob primary key,
  revision integer not null,
  parent blob,
  -- Put aside, not deleted.
  discarded integer not null default 0,
  site_id blob not null,
  site_title text not null,
  -- JSON of domain::site::SiteSnapshot.
  site text not null,
  origin text not null,
  coordinators text not null,
  started_at text not null,
  no_fix text,
  guidance text not null,
  attestation text,
  touched_at text not null,
  touched_ms integer not null,
  -- Where the coordinator was.
  at_sheet integer,
  at_item text
) strict;
create index draft_by_site on draft (site_id);

create table draft_sheet (
  draft blob not null references draft on delete cascade,
  sheet integer not null,
  -- JSON of domain::answer::ChecklistRef.
  checklist text not null,
  primary key (draft, sheet)
) strict, without rowid;

create table answer (
  draft blob not null,
  sheet integer not null,
  item text not null,
  -- JSON of domain::answer::Answer, always without photos: those are rows of draft_photo.
  body text not null,
  primary key (draft, sheet, item),
  foreign key (draft, sheet) references draft_sheet on delete cascade
) strict, without rowid;

create table draft_photo (
  -- Order taken.
  seq integer primary key autoincrement,
  draft blob not null references draft on delete cascade,
  original blob not null,
  -- The sheet its item belongs to; null for the site as a whole.
  sheet integer,
  item text,
  -- JSON of domain::inspection::Photo.
  body text not null,
  unique (draft, original),
  foreign key (draft, sheet) references draft_sheet on delete cascade
) strict;

create table draft_fix (
  seq integer primary key autoincrement,
  draft blob not null references draft on delete cascade,
  -- JSON of domain::place::Fix.
  body text not null
) strict;
create index draft_fix_by_draft on draft_fix (draft, seq);

-- Confidential texts; their digests are in the answers.
create table secret (
  draft blob not null,
  sheet integer not null,
  item text not null,
  part text not null,
  -- JSON of domain::confidential::Secret.
  body text not null,
  primary key (draft, sheet, item, part),
  foreign key (draft, sheet) references draft_sheet on delete cascade
) strict, without rowid;

create table expected_photo (
  -- The camera opens for one photo at a time.
  one integer primary key check (one = 1),
  draft blob not null references draft on delete cascade,
  item text,
  since text not null
) strict;

create table record (
  digest blob primary key,
  id blob not null,
  revision integer not null,
  site_id blob not null,
  site_title text not null,
  finished_at text not null,
  finished_ms integer not null,
  level text check (level in ('A', 'B', 'C', 'I')),
  -- Length of the document in bytes.
  bytes integer not null,
  -- The signed text, verbatim.
  document text not null,
  -- As it is sent.
  envelope text not null,
  unique (id, revision)
) strict;
create index record_by_time on record (finished_ms);
create index record_by_site on record (site_id);

-- A finished record is the phone's only copy of what was seen.
create trigger record_is_immutable before update on record
begin
  select raise(abort, 'a finished record never changes');
end;

-- The blobs a record names. One that has no outbox row has reached the bureau.
create table record_blob (
  document blob not null references record,
  blob blob not null,
  -- As in outbox: 2 watermarked copy, 3 original.
  kind integer not null check (kind in (2, 3)),
  bytes integer not null,
  primary key (document, blob)
) strict, without rowid;
create index record_blob_by_blob on record_blob (blob);

-- What still has to reach the bureau. There is no “sending”: a crash leaves a row that is due.
create table outbox (
  id integer primary key autoincrement,
  -- The order of sending: 0 report, 1 record, 2 watermarked copy, 3 original.
  kind integer not null check (kind between 0 and 3),
  document blob not null references record,
  blob blob,
  bytes integer not null,
  tries integer not null default 0,
  not_before_ms integer not null default 0,
  blocked text,
  upload text,
  check ((blob is null) = (kind < 2))
) strict;
-- A document itself has no blob, and nulls are all different to a unique index.
create unique index outbox_once on outbox (document, kind, coalesce(blob, x''));
create index outbox_by_blob on outbox (blob);

create table receipt (
  document blob not null references record,
  -- 0: the bureau holds the document; 1: and every blob it names.
  complete integer not null check (complete in (0, 1)),
  -- JSON of wire::receipt::SignedReceipt, verbatim.
  envelope text not null,
  primary key (document, complete)
) strict, without rowid;
