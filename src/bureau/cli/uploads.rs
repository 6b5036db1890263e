//! The limits of uploads as arguments of `bureau serve`.

use std::time::Duration;

use clap::Args;

use super::super::uploads::Limits;

#[derive(Args)]
pub(super) struct Uploads {
    /// Largest photo, MiB.
    #[arg(long, default_value_t = 128, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=4096))]
    photo_mib: u64,
    /// Unfinished uploads that one phone may have.
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    uploads_per_phone: u32,
    /// Days after which an upload that nobody goes on with is removed.
    #[arg(long, default_value_t = 7, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=365))]
    upload_days: u64,
}

impl Uploads {
    pub(super) fn limits(&self) -> Limits {
        let usual = Limits::default();
        let bytes = self.photo_mib * 1024 * 1024;
        Limits {
            bytes,
            device_uploads: self.uploads_per_phone,
            // Room for a few of the largest at least.
            device_bytes: usual.device_bytes.max(4 * bytes),
            keep: Duration::from_secs(self.upload_days * 24 * 3600),
            ..usual
        }
    }
}
