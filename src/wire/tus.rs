//! The words of tus 1.0 (resumable uploads) as both ends use them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Version spoken.
pub const VERSION: &str = "1.0.0";
/// Extensions the bureau offers.
pub const EXTENSIONS: &str = "creation,creation-with-upload,checksum,expiration,termination";
/// Checksum algorithms the bureau offers.
pub const ALGORITHMS: &str = "sha1,sha256";
/// Media type of a chunk.
pub const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";
/// 460, the status of a chunk whose checksum does not fit.
pub const CHECKSUM_MISMATCH: u16 = 460;
/// The longest `Upload-Metadata` taken, in bytes.
pub const MAX_METADATA: usize = 4096;

/// Header names, lower case.
pub mod header {
    /// Protocol version.
    pub const RESUMABLE: &str = "tus-resumable";
    /// Versions offered.
    pub const VERSION: &str = "tus-version";
    /// Extensions offered.
    pub const EXTENSION: &str = "tus-extension";
    /// Largest upload.
    pub const MAX_SIZE: &str = "tus-max-size";
    /// Algorithms offered.
    pub const CHECKSUM_ALGORITHM: &str = "tus-checksum-algorithm";
    /// Size of the whole.
    pub const LENGTH: &str = "upload-length";
    /// A size that is told later.
    pub const DEFER_LENGTH: &str = "upload-defer-length";
    /// Parts of a whole.
    pub const CONCAT: &str = "upload-concat";
    /// Bytes held.
    pub const OFFSET: &str = "upload-offset";
    /// Key–value pairs of a new upload.
    pub const METADATA: &str = "upload-metadata";
    /// Checksum of a chunk.
    pub const CHECKSUM: &str = "upload-checksum";
    /// When an unfinished upload ends.
    pub const EXPIRES: &str = "upload-expires";
    /// The method meant, for senders that cannot say it.
    pub const METHOD_OVERRIDE: &str = "x-http-method-override";
}

/// Writes `Upload-Metadata`.
pub fn encode_metadata(pairs: &[(&str, &str)]) -> String {
    let pair = |(key, value): &(&str, &str)| format!("{key} {}", STANDARD.encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join(",")
}

/// Reads `Upload-Metadata` into keys and bytes; `None` when it is too long, a key is empty, there twice or not
/// plain ASCII, or a value is not base64.
pub fn decode_metadata(header: &str) -> Option<Vec<(&str, Vec<u8>)>> {
    if header.len() > MAX_METADATA {
        return None;
    }
    let mut pairs: Vec<(&str, Vec<u8>)> = Vec::new();
    for pair in header.split(',') {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || pairs.iter().any(|(known, _)| *known == key) {
            return None;
        }
        pairs.push((key, STANDARD.decode(value.trim()).ok()?));
    }
    Some(pairs)
}

/// Reads one value of `Upload-Metadata`; `None` when it is absent or no text, or the header cannot be read.
pub fn metadata_value(header: &str, key: &str) -> Option<String> {
    let (_, value) = decode_metadata(header)?.into_iter().find(|(name, _)| *name == key)?;
    String::from_utf8(value).ok()
}

/// Writes `Upload-Checksum`.
pub fn encode_checksum(sha256: &[u8; 32]) -> String {
    format!("sha256 {}", STANDARD.encode(sha256))
}

/// Reads `Upload-Checksum` into algorithm and bytes.
pub fn decode_checksum(header: &str) -> Option<(&str, Vec<u8>)> {
    let (algorithm, value) = header.trim().split_once(' ')?;
    Some((algorithm, STANDARD.decode(value.trim()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_survives_the_header() {
        let header = encode_metadata(&[("sha256", "00ff"), ("name", "照片.jpg"), ("empty", "")]);
        assert_eq!(metadata_value(&header, "sha256").as_deref(), Some("00ff"));
        assert_eq!(metadata_value(&header, "name").as_deref(), Some("照片.jpg"));
        assert_eq!(metadata_value(&header, "empty").as_deref(), Some(""));
        assert_eq!(metadata_value(&header, "other"), None);
        // A key may stand alone, and other clients put a blank after the comma.
        assert_eq!(metadata_value("alone, sha256 MDBmZg==", "sha256").as_deref(), Some("00ff"));
    }

    #[test]
    fn hostile_metadata_is_nothing() {
        let long = format!("sha256 {}", "A".repeat(MAX_METADATA));
        for header in
            ["", ",", "sha256 ***", "sha256 MDA=,sha256 MDE=", "照片 MDA=", "sha256 MDA=,", "a MDA= b", &long]
        {
            assert_eq!(decode_metadata(header), None, "{header:.40}");
        }
        assert_eq!(metadata_value("sha256 //8=", "sha256"), None, "not text");
    }
}
