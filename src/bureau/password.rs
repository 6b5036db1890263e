//! Account passwords: argon2id strings, made and checked on blocking threads (about 20 MiB and 50 ms each).

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use tokio::sync::Semaphore;

/// Hashings at the same time, so that a flood of log-ins cannot take the memory of the machine.
static TURNS: Semaphore = Semaphore::const_new(2);

/// A stored string that is no argon2 string, or a hashing that did not end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password cannot be hashed or checked: {0}")]
pub struct BadPassword(String);

/// The argon2id string (PHC form) to store for a password, with a random salt.
///
/// # Errors
/// [`BadPassword`] when the system has no randomness or memory.
pub async fn hash(password: String) -> Result<String, BadPassword> {
    blocking(move || hash_now(&password)).await
}

/// As [`hash`], on this thread.
///
/// # Errors
/// [`BadPassword`].
pub fn hash_now(password: &str) -> Result<String, BadPassword> {
    let salt = SaltString::generate(&mut OsRng);
    let hashed = Argon2::default().hash_password(password.as_bytes(), &salt);
    hashed.map(|hash| hash.to_string()).map_err(|e| BadPassword(e.to_string()))
}

/// Whether a password fits a stored string. For an unknown account pass `None`: it takes as long and never
/// fits, so that the time does not tell which accounts exist.
///
/// # Errors
/// [`BadPassword`] when the stored string is none of [`hash`]'s.
pub async fn fits(password: String, stored: Option<String>) -> Result<bool, BadPassword> {
    blocking(move || {
        let Some(stored) = stored else {
            hash_now(&password)?;
            return Ok(false);
        };
        let stored = PasswordHash::new(&stored).map_err(|e| BadPassword(e.to_string()))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BadPassword> + Send + 'static,
) -> Result<T, BadPassword> {
    let _turn = TURNS.acquire().await.map_err(|e| BadPassword(e.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|e| BadPassword(e.to_string()))?
}

/// A random password that can be read over the telephone.
pub fn generate() -> String {
    super::secret::readable(3)
}
