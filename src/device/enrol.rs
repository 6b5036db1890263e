//! Who works on this phone, and for which bureau.

use serde::{Deserialize, Serialize};

use super::{Device, Error};
use crate::domain::id::DeviceId;
use crate::wire::enrolment::Enrolled;

/// The enrolment as kept on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Address of the bureau.
    pub address: String,
    /// What the bureau answered; holds the token.
    pub enrolled: Enrolled,
}

impl Device {
    /// This phone's id.
    pub fn id(&self) -> DeviceId {
        todo!()
    }

    /// The enrolment, once there is one.
    pub async fn profile(&self) -> Result<Option<Profile>, Error> {
        todo!()
    }

    /// Enrols with a one-time code, pulls sites and checklists, starts the worker.
    ///
    /// # Errors
    /// [`Error::Enrol`].
    pub async fn enrol(&self, _address: &str, _code: &str) -> Result<Profile, Error> {
        todo!()
    }
}
