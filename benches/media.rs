//! A 12-megapixel photo from the camera's bytes to the stamped picture.
//!
//! Compare with `vipsthumbnail --size 1600` on the file that `XIEGUAN_BENCH_PHOTO=… cargo bench
//! --bench media` leaves at that path.

#[path = "../tests/it/support/pictures.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod pictures;

use chrono::DateTime;
use divan::Bencher;
use xieguan::media::{Stamp, StampFix, prepare, thumbnail};

fn main() {
    divan::main();
}

fn stamp() -> Stamp {
    Stamp {
        site: "示例县石桥镇石桥村农村集中式供水站".into(),
        item: "WR-09 消毒设备".into(),
        taken_at: DateTime::parse_from_rfc3339("2026-11-21T09:41:02+08:00").expect("a valid time"),
        place: Some(StampFix { lat_e7: 306_642_083, lon_e7: 1_040_692_000, accuracy_m: 6 }),
        township: "石桥镇".into(),
        coordinator: "张示例".into(),
        record_tail: "4F2A9C".into(),
        from_album: false,
        clock_uncertain: false,
    }
}

fn photo() -> Vec<u8> {
    let photo = pictures::camera_jpeg(4000, 3000, 6);
    if let Some(path) = std::env::var_os("XIEGUAN_BENCH_PHOTO") {
        std::fs::write(path, &photo).expect("the path given is writable");
    }
    photo
}

#[divan::bench(sample_count = 30)]
fn prepare_12_megapixels(bencher: Bencher<'_, '_>) {
    let (photo, stamp) = (photo(), stamp());
    bencher.bench_local(|| prepare(divan::black_box(&photo), &stamp));
}

#[divan::bench(sample_count = 30)]
fn thumbnail_of_a_derived_picture(bencher: Bencher<'_, '_>) {
    let derived = prepare(&photo(), &stamp()).expect("the photo is sound").derived;
    bencher.bench_local(|| thumbnail(divan::black_box(&derived), 320));
}
