//! Photos on their way into the draft and out of it: whoever leaves takes nothing back, and what nobody can bring back
//! any more takes no room.

use std::future::poll_fn;
use std::task::Poll;

use xieguan::device::Device;
use xieguan::domain::inspection::PhotoSource;

use super::{InspectionId, Phone, fill, picture, visit};
use crate::support::pictures::camera_jpeg;

/// Hands over a picture and leaves the screen at once.
async fn shoot_and_leave(device: &Device, visit: InspectionId, bytes: Vec<u8>) {
    let mut adding = Box::pin(device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Camera, bytes));
    assert!(poll_fn(|context| Poll::Ready(adding.as_mut().poll(context))).await.is_pending());
}

#[tokio::test]
async fn a_photo_being_made_ready_is_kept_although_its_screen_was_left_and_whoever_looks_waits_for_it() {
    let phone = Phone::enrolled().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    fill(&device, id, &phone.clock).await;
    device.expect_photo(id, 0, Some("WR-12".to_owned())).await.unwrap();
    shoot_and_leave(&device, id, camera_jpeg(2000, 1500, 1)).await;
    assert_eq!(device.expected_photo().await.unwrap(), None, "it is not interrupted, it arrives");
    shoot_and_leave(&device, id, camera_jpeg(1600, 1200, 1)).await;
    assert_eq!(device.visit(id).await.unwrap().unwrap().draft.photos.len(), 2);
    shoot_and_leave(&device, id, camera_jpeg(1200, 900, 1)).await;
    assert_eq!(device.finish(id).await.unwrap().photos.len(), 3);
}

#[tokio::test]
async fn a_photo_that_came_before_its_draft_was_put_aside_is_there_when_it_comes_back() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    shoot_and_leave(&device, id, camera_jpeg(1600, 1200, 1)).await;
    device.discard(id).await.unwrap();
    device.restore(id).await.unwrap();
    assert_eq!(device.visit(id).await.unwrap().unwrap().draft.photos.len(), 1);
}

#[tokio::test]
async fn from_the_album_more_may_come_so_its_first_picture_does_not_end_the_wait() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let id = visit(&device).await;
    for (source, waits) in [(PhotoSource::Album, true), (PhotoSource::Camera, false)] {
        device.expect_photo(id, 0, Some("WR-12".to_owned())).await.unwrap();
        device.add_photo(id, 0, Some("WR-12"), source, picture()).await.unwrap();
        assert_eq!(device.expected_photo().await.unwrap().is_some(), waits, "{source:?}");
    }
}

#[tokio::test]
async fn the_files_of_a_photo_taken_out_go_at_the_next_start_unless_something_names_them() {
    let phone = Phone::with_site().await;
    let device = phone.start().await;
    let (one, other) = (visit(&device).await, visit(&device).await);
    let add = async |visit, bytes| {
        device.add_photo(visit, 0, Some("WR-12"), PhotoSource::Album, bytes).await.unwrap()
    };
    let (blurred, kept) =
        (add(one, camera_jpeg(640, 480, 1)).await, add(one, camera_jpeg(800, 600, 1)).await);
    let shared = add(one, picture()).await;
    add(other, picture()).await;
    for photo in [&blurred, &kept, &shared] {
        device.remove_photo(one, photo.original).await.unwrap();
    }
    device.restore_photo(one, 0, kept.clone()).await.unwrap();
    for photo in [&blurred, &kept, &shared] {
        device.photo(photo.original).await.unwrap();
    }
    let before = device.room().await.unwrap().pictures;
    device.close().await;
    drop(device);
    // A photo of a database that was set aside as damaged: this one never heard of it.
    let unknown = phone.data().join("photos").join("ab".repeat(32));
    std::fs::write(&unknown, b"sealed").unwrap();

    let device = phone.start().await;
    assert!(device.photo(blurred.original).await.is_err() && device.photo(blurred.derived).await.is_err());
    for photo in [&kept, &shared] {
        device.photo(photo.original).await.unwrap();
    }
    device.photo(kept.derived).await.unwrap();
    // The shared picture's two copies differ: each names its own visit.
    assert_eq!(device.room().await.unwrap().pictures, before - 3 + 1);
    assert!(unknown.exists());
}
