//! Random words: bearer tokens, enrolment codes, generated passwords.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use rand::rngs::OsRng;

/// Without letters and digits that are taken for each other.
const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";

/// 256 random bits, for a bearer token or a cookie.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(OsRng.r#gen::<[u8; 32]>())
}

/// `groups` of five readable characters with dashes, almost five bits each.
pub fn readable(groups: usize) -> String {
    let group =
        |_| -> String { (0..5).map(|_| char::from(ALPHABET[OsRng.gen_range(0..ALPHABET.len())])).collect() };
    (0..groups).map(group).collect::<Vec<_>>().join("-")
}
