//! What is on its way, for the outbox screen.

use tokio::sync::watch;

use super::{Device, Error};
use crate::domain::id::InspectionId;
use crate::store::record::RecordRow;
use crate::sync::worker::Standing;
use crate::wire::sealed::SealedDocument;

impl Device {
    /// Every record with how far it has come, newest first.
    pub async fn records(&self) -> Result<Vec<RecordRow>, Error> {
        todo!()
    }

    /// The envelope of a record as it is sent.
    pub async fn envelope(&self, _id: InspectionId, _revision: u32) -> Result<Option<SealedDocument>, Error> {
        todo!()
    }

    /// How the worker stands; idle before enrolment.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        todo!()
    }

    /// Everything due now, blocked rows included; pulls changes too.
    pub async fn retry(&self) -> Result<(), Error> {
        todo!()
    }

    /// Pauses or resumes sending.
    pub async fn pause(&self, _paused: bool) -> Result<(), Error> {
        todo!()
    }

    /// Bytes this process has written to the bureau's socket.
    pub fn bytes_sent(&self) -> u64 {
        todo!()
    }
}
