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
