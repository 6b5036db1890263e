//! The rules: checklists, judgements, problems, counts. Every claim here holds without a clock or a file.

mod checklists;
mod documents;
mod due;
mod last;
mod laws;
mod reports;
mod review;
mod rules;
mod table;
