-- Version 2: what the coordinator's whole way needs beyond one record.

-- What a document is: 0 information report, 1 inspection, 2 site made in the field.
alter table document add column form integer not null default 1 check (form between 0 and 2);
create index document_by_form on document (form, received_ms);
-- Both columns that name a document: with the visit's id alone SQLite may take the index above and look at every record.
drop index document_of_inspection;
create index document_of_inspection on document (inspection, form, revision);

-- What the list of information reports shows beside its document's row (whose started_at and finished_at are
-- found and reported).
create table report (
  document blob primary key references document,
  -- the visit it comes from; its record may not have come yet
  visit blob not null,
  category text not null,
  content text not null,
  -- tries to reach somebody
  attempts integer not null,
  -- json of Vec<domain::report::ReportProblem>
  problems text not null
) strict, without rowid;
create index report_by_visit on report (visit);

-- made by a coordinator, or by the bureau from a record whose site it did not know; staff look it through
alter table site add column made_in_field integer not null default 0 check (made_in_field in (0, 1));

-- A site's last visit beside its file: every record brings one, and the file itself stays as it is.
-- json of domain::site::LastVisit, and its moment
alter table site add column last_visit text;
alter table site add column last_visit_ms integer;
update site set
  last_visit = json_extract(body, '$.last_visit'),
  last_visit_ms = cast(strftime('%s', json_extract(body, '$.last_visit.at')) as integer) * 1000,
  body = json_remove(body, '$.last_visit')
  where json_extract(body, '$.last_visit') is not null;

-- What both sides compare after every batch, without a look at the receipts' texts.
create index receipt_held on receipt (device, document, complete);

-- Receipts that the bureau does not stand by any more: a blob turned out not to be held.
create table receipt_taken_back (
  sequence integer primary key,
  document blob not null references document,
  envelope text not null,
  taken_ms integer not null
) strict;

-- Uploads: what the phone said of one at its creation, when it is removed if nobody goes on with it, and when it
-- became its blob.
alter table upload add column metadata text not null default '';
alter table upload add column end_ms integer not null default 0;
alter table upload add column done_ms integer;
update upload set end_ms = created_ms + 7 * 24 * 3600 * 1000,
  done_ms = (select stored_ms from blob where blob.id = upload.blob);
create index upload_open on upload (device) where done_ms is null;
create index upload_by_end on upload (end_ms);
-- How many are unfinished is asked at every creation; finished ones are kept for a week.
create index upload_unfinished on upload (end_ms, done_ms) where done_ms is null;

-- The sequence of the last change that the phone is known to have, kept only as far as settings need it: with it
-- the bureau knows which phones have heard of its next certificate.
alter table device add column heard integer not null default 0;

-- One phone, several coordinators in turn: each has an own token, so that the phone changes hands without the
-- bureau. `device.token_hash` repeats the newest for a bureau of version 1 and is read no more.
create table device_token (
  -- sha-256 of the bearer token
  token_hash blob primary key,
  device blob not null references device,
  coordinator blob not null references coordinator,
  issued_ms integer not null,
  unique (device, coordinator)
) strict, without rowid;
insert into device_token select token_hash, id, coordinator, enrolled_ms from device;

-- Reviews. A visit may have several documents: later revisions, and the same revision from two phones. One of them
-- counts in lists and numbers (domain::review::counting), kept here because lists ask for it.
alter table document add column counts integer not null default 1 check (counts in (0, 1));
-- domain::review::Standing of this very document
alter table document add column standing text not null default 'new'
  check (standing in ('new', 'corrected', 'returned', 'accepted'));
update document set standing = 'corrected' where form = 1 and revision > 1;
update document set counts = 0 where form = 1 and exists (select 1 from document o
  where o.form = 1 and o.inspection = document.inspection and (o.revision > document.revision
    or (o.revision = document.revision and o.rowid < document.rowid)));

-- What reviewers decided; rows are only ever added.
create table decision (
  seq integer primary key autoincrement,
  document blob not null references document,
  inspection blob not null,
  verdict text not null check (verdict in ('accept', 'return', 'take_back', 'choose')),
  -- on the whole; may be empty
  comment text not null,
  -- json of Vec<domain::review::ItemComment>
  items text not null,
  account text not null,
  -- how the account was called then, as phones show it
  shown_as text not null,
  at_ms integer not null
) strict;
create index decision_of_inspection on decision (inspection, seq);
create trigger decision_never_changes before update on decision
begin
  select raise(abort, 'a decision never changes');
end;
create trigger decision_never_goes before delete on decision
begin
  select raise(abort, 'a decision is never deleted');
end;

-- The inbox, its counts and what is to be reviewed next, from indexes alone: a record's row holds the whole envelope,
-- and what lists ask for stands behind it.
create index document_listed on document
  (form, counts, received_ms, number, standing, level, township, digest, site_title, coordinator_name);
create index document_to_review on document
  (form, counts, received_ms, standing, township, inspection, digest) where standing in ('new', 'corrected');
