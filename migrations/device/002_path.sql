-- Version 2: what the coordinator's whole way needs beyond one record.

-- What a finished document is: 0 information report, 1 inspection, 2 site made in the field.
alter table record add column form integer not null default 1 check (form between 0 and 2);
