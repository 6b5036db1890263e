-- Version 2: what the coordinator's whole way needs beyond one record.

-- What a finished document is: 0 information report, 1 inspection, 2 site made in the field.
alter table record add column form integer not null default 1 check (form between 0 and 2);

-- What sites are looked for by, apart from their bodies: the index in memory is built from these few pages alone.
-- A site of version 1 has no row until the first search makes it (store::search).
create table site_search (
  site blob primary key references site on delete cascade,
  -- store::fold::Folded: name, nickname, pinyin, address and the rest, folded.
  folded text not null,
  -- 1e-7 degrees; null where the site has no registered place.
  lat_e7 integer,
  lon_e7 integer,
  -- A line each.
  kinds text not null,
  -- The last visit that the bureau knows of, Unix milliseconds.
  visited_ms integer
) strict, without rowid;

-- The visit that a report is about.
alter table record add column visit blob;
create index record_by_visit on record (visit) where visit is not null;

-- The information report of a visit under way: what was typed and what must outlive the process.
create table report_draft (
  draft blob primary key references draft on delete cascade,
  -- UUIDv7 of the report, the same for every revision.
  id blob not null,
  -- When the first finding of level A or B was seen.
  discovered_at text,
  -- When the first of level A was, in a correction the first new one; the two hours count from here.
  urgent_at text,
  -- As typed; null while it follows the findings.
  content text,
  -- JSON list of the items (0-WR-09) for which the immediate sheet has opened by itself.
  opened text not null default '[]'
) strict, without rowid;

-- Tries to reach somebody, in order.
create table contact_attempt (
  seq integer primary key autoincrement,
  draft blob not null references draft on delete cascade,
  -- JSON of domain::report::Attempt.
  body text not null
) strict;
create index contact_attempt_by_draft on contact_attempt (draft, seq);

-- The guidance as it was last written from the ready sentences; while both are equal it follows the findings.
alter table draft add column ready_guidance text not null default '';

-- 1: practice on a made-up site; never finished, never sent, thrown away at the end.
alter table draft add column practice integer not null default 0 check (practice in (0, 1));

-- What the bureau says of this phone's records.
create table review (
  inspection blob primary key,
  -- JSON of domain::review::Review.
  body text not null
) strict, without rowid;

-- The sheet that the expected photo's item belongs to.
alter table expected_photo add column sheet integer not null default 0;

-- 1: begun again with a restored bureau, which has not named this site (or review) since; gone at the end unless it does.
alter table site add column doubted integer not null default 0 check (doubted in (0, 1));
alter table review add column doubted integer not null default 0 check (doubted in (0, 1));

-- 1: an original that was complete at the bureau and was removed here to make room.
alter table record_blob add column removed integer not null default 0 check (removed in (0, 1));
create index record_blob_removed on record_blob (blob) where removed = 1;

-- Receipts that a later one replaced, or that the bureau does not stand by any more: what it once signed is kept.
create table old_receipt (
  seq integer primary key autoincrement,
  document blob not null references record,
  complete integer not null check (complete in (0, 1)),
  -- JSON of wire::receipt::SignedReceipt, verbatim.
  envelope text not null,
  unique (document, envelope)
) strict;

-- site.gone may be 2: of another coordinator of this phone, kept for them and not shown meanwhile.

-- In the correction of a returned record, when the visit itself ended.
alter table draft add column visit_ended_at text;
-- Confidential texts that only the bureau can read any more: the sealed sidecar of the corrected record.
alter table draft add column sidecar text;

-- Photos that were taken out of a draft, originals and copies: their files go at the next start.
create table loose_blob (
  blob blob primary key
) strict, without rowid;

-- Receipts that a bureau lists for documents that are not on this phone (any more).
create table stray_receipt (
  bureau text not null,
  document blob not null,
  complete integer not null check (complete in (0, 1)),
  primary key (bureau, document, complete)
) strict, without rowid;

-- `form` and `visit` lie behind a record's long texts, and whoever reads them walks through all pages of those: what
-- lists and the worker ask about every record stands in indexes of its own.
create index record_head on record (digest, id, revision, form);
drop index record_by_time;
create index record_list on record
  (finished_ms, digest, id, revision, form, visit, site_title, finished_at, level, bytes);
drop index record_by_site;
create index record_by_site on record (site_id, form, finished_ms, revision, id);
-- The same for receipts and their envelopes.
create index receipt_by_kind on receipt (complete, document);
