//! A content-addressed folder whose files are sealed.

/// The folder.
#[derive(Debug)]
pub struct SealedFolder;
