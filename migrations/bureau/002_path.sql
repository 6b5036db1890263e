-- Version 2: what the coordinator's whole way needs beyond one record.

-- What a document is: 0 information report, 1 inspection, 2 site made in the field.
alter table document add column form integer not null default 1 check (form between 0 and 2);
