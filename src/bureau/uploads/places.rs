//! Places for bodies that are received: bounded in all, so that memory is, and per phone, so that none takes all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::error::Refusal;
use super::Limits;
use crate::domain::id::DeviceId;
use crate::wire::failure::Code;

/// Who receives how many bodies now.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<DeviceId, usize>>>);

/// A place, until it is dropped.
pub(super) struct Place {
    places: Places,
    device: DeviceId,
}

impl Places {
    /// A place for this phone.
    ///
    /// # Errors
    /// [`Code::Busy`].
    pub(super) fn take(&self, device: DeviceId, limits: &Limits) -> Result<Place, Refusal> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = taken.get(&device).copied().unwrap_or(0);
        if mine >= limits.device_at_once || taken.values().sum::<usize>() >= limits.at_once {
            let detail = "too many uploads at once; what is held stays, go on in a moment";
            return Err(Refusal::new(Code::Busy, detail));
        }
        taken.insert(device, mine + 1);
        Ok(Place { places: self.clone(), device })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.device) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.device);
            }
        }
    }
}
