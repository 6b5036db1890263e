//! The words of tus 1.0 (resumable uploads) as both ends use them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Version spoken.
pub const VERSION: &str = "1.0.0";
/// Extensions the bureau offers.
pub const EXTENSIONS: &str = "creation,checksum";
/// Checksum algorithms the bureau offers.
pub const ALGORITHMS: &str = "sha1,sha256";
/// Media type of a chunk.
pub const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";
/// 460, the status of a chunk whose checksum does not fit.
pub const CHECKSUM_MISMATCH: u16 = 460;

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
    /// Bytes held.
    pub const OFFSET: &str = "upload-offset";
    /// Key–value pairs of a new upload.
    pub const METADATA: &str = "upload-metadata";
    /// Checksum of a chunk.
    pub const CHECKSUM: &str = "upload-checksum";
}

/// Writes `Upload-Metadata`.
pub fn encode_metadata(pairs: &[(&str, &str)]) -> String {
    let pair = |(key, value): &(&str, &str)| format!("{key} {}", STANDARD.encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join(",")
}

/// Reads one value of `Upload-Metadata`; `None` when it is absent or no text.
pub fn metadata_value(header: &str, key: &str) -> Option<String> {
    let value = header.split(',').find_map(|pair| {
        let (name, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        (name == key).then_some(value)
    })?;
    String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
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
    fn metadata_survives_the_header_and_nonsense_is_nothing() {
        let header = encode_metadata(&[("sha256", "00ff"), ("name", "照片.jpg")]);
        assert_eq!(metadata_value(&header, "sha256").as_deref(), Some("00ff"));
        assert_eq!(metadata_value(&header, "name").as_deref(), Some("照片.jpg"));
        assert_eq!(metadata_value(&header, "other"), None);
        assert_eq!(metadata_value("sha256 ***", "sha256"), None);
        assert_eq!(metadata_value("", "sha256"), None);
    }
}
