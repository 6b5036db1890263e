//! Small pictures by file name: `/thumb/<hash>` is answered from the sealed folder, never from the page's tree.

use crate::device::Device;
use crate::domain::id::PhotoId;

/// Long edge of a thumbnail in the strip, twice the size it is shown at.
const STRIP_EDGE: u32 = 240;
/// Long edge of the picture when it is looked at.
const VIEW_EDGE: u32 = 1080;

/// Where the page finds a picture's thumbnail.
pub fn thumb(id: PhotoId) -> String {
    format!("/thumb/{id}.jpg")
}

/// Where the page finds the picture to look at.
pub fn large(id: PhotoId) -> String {
    format!("/thumb/{id}-large.jpg")
}

/// The picture a path names, and how large; nothing else has an answer, so no path leads out of the folder.
fn named(path: &str) -> Option<(PhotoId, u32)> {
    let stem = path.strip_prefix("/thumb/")?.strip_suffix(".jpg")?;
    match stem.strip_suffix("-large") {
        Some(hash) => Some((hash.parse().ok()?, VIEW_EDGE)),
        None => Some((stem.parse().ok()?, STRIP_EDGE)),
    }
}

async fn picture(device: &Device, path: &str) -> Option<Vec<u8>> {
    let (id, edge) = named(path)?;
    device.thumbnail(id, edge).await.ok()
}

/// Serves thumbnails while the component that calls it is there.
#[cfg(any(feature = "desktop", feature = "mobile"))]
pub fn use_thumbs(device: Device) {
    #[cfg(feature = "desktop")]
    use dioxus::desktop as webview;
    #[cfg(not(feature = "desktop"))]
    use dioxus::mobile as webview;
    use webview::wry::http::Response;

    webview::use_asset_handler("thumb", move |request, responder| {
        let device = device.clone();
        let path = request.uri().path().to_owned();
        tokio::spawn(async move {
            let answer = match picture(&device, &path).await {
                Some(bytes) => Response::builder()
                    .header("Content-Type", "image/jpeg")
                    .header("Cache-Control", "no-store")
                    .body(bytes),
                None => Response::builder().status(404).body(Vec::new()),
            };
            match answer {
                Ok(answer) => responder.respond(answer),
                Err(error) => tracing::warn!(%error, "a thumbnail could not be answered"),
            }
        });
    });
}

/// Without a webview nobody asks.
#[cfg(not(any(feature = "desktop", feature = "mobile")))]
pub fn use_thumbs(_device: Device) {
    let _ = picture;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Digest;

    #[test]
    fn a_path_names_a_picture_by_its_hash_or_nothing() {
        let id = Digest::of(b"picture");
        assert_eq!(named(&thumb(id)), Some((id, STRIP_EDGE)));
        assert_eq!(named(&large(id)), Some((id, VIEW_EDGE)));
        for path in
            ["/thumb/", "/thumb/../key.jpg", "/thumb/%2e%2e/x.jpg", "/thumb/..-large.jpg", "/etc/passwd"]
        {
            assert_eq!(named(path), None, "{path}");
        }
    }
}
