//! The sealed folder: whole or absent, and nothing changed goes unnoticed.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use xieguan::domain::id::{Digest, PhotoId};
use xieguan::media::folder::{Error, SealedFolder};

const KEY: [u8; 32] = [7; 32];
const SEGMENT: usize = 64 << 10;

struct Fixture {
    dir: tempfile::TempDir,
    folder: SealedFolder,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let folder = SealedFolder::open(dir.path(), KEY).unwrap();
    Fixture { dir, folder }
}

impl Fixture {
    fn path(&self, id: &PhotoId) -> PathBuf {
        self.dir.path().join(id.to_string())
    }
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn files(dir: &Path) -> usize {
    fs::read_dir(dir).unwrap().count()
}

#[test]
fn what_is_put_is_read_back_at_every_segment_boundary() {
    let f = fixture();
    for len in [0, 1, 23, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 17] {
        let plain = bytes(len);
        let id = f.folder.put(&plain).unwrap();
        assert_eq!(id, Digest::of(&plain));
        assert_eq!(f.folder.read(&id).unwrap(), plain, "{len} bytes");
        assert_eq!(f.folder.get(&id).unwrap().len(), len as u64);
        assert_eq!(f.folder.get(&id).unwrap().is_empty(), len == 0);
    }
}

#[test]
fn putting_twice_keeps_one_and_removing_twice_is_no_error() {
    let f = fixture();
    let id = f.folder.put(b"photo").unwrap();
    let sealed = fs::read(f.path(&id)).unwrap();
    assert_eq!(f.folder.put(b"photo").unwrap(), id);
    assert_eq!(fs::read(f.path(&id)).unwrap(), sealed);
    let other = f.folder.put(b"other").unwrap();
    let mut both = vec![id, other];
    both.sort();
    assert_eq!(f.folder.list().unwrap(), both);
    f.folder.remove(&id).unwrap();
    f.folder.remove(&id).unwrap();
    assert_eq!(f.folder.list().unwrap(), [other]);
    assert!(matches!(f.folder.read(&id), Err(Error::Missing)));
}

#[test]
fn nothing_of_the_picture_lies_in_the_clear() {
    let f = fixture();
    let plain = b"JFIF Exif example ".repeat(9000);
    let id = f.folder.put(&plain).unwrap();
    let sealed = fs::read(f.path(&id)).unwrap();
    assert!(!sealed.windows(8).any(|window| plain[..32].windows(8).any(|clear| clear == window)));
}

#[test]
fn a_crash_before_the_rename_leaves_nothing_to_see_and_nothing_behind() {
    let f = fixture();
    let id = Digest::of(b"never finished");
    let unfinished = f.dir.path().join(format!("{id}-0123456789abcdef.part"));
    fs::write(&unfinished, b"half").unwrap();
    assert!(f.folder.list().unwrap().is_empty());
    assert!(matches!(f.folder.read(&id), Err(Error::Missing)));
    let again = SealedFolder::open(f.dir.path(), KEY).unwrap();
    assert!(!unfinished.exists());
    assert_eq!(again.put(b"never finished").unwrap(), id);
    assert_eq!(files(f.dir.path()), 2, "the photo and the key check");
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let f = fixture();
    let id = f.folder.put(&bytes(3 * SEGMENT + 100)).unwrap();
    let sound = fs::read(f.path(&id)).unwrap();
    let every_segment = (0..sound.len()).step_by(SEGMENT / 3).chain(0..60).chain([sound.len() - 1]);
    for at in every_segment {
        let mut changed = sound.clone();
        changed[at] ^= 1;
        fs::write(f.path(&id), changed).unwrap();
        assert!(matches!(f.folder.read(&id), Err(Error::Tampered)), "byte {at}");
    }
}

#[test]
fn a_cut_is_noticed_when_the_photo_is_opened() {
    let f = fixture();
    let id = f.folder.put(&bytes(3 * SEGMENT)).unwrap();
    let sound = fs::read(f.path(&id)).unwrap();
    let boundaries = (0..3).map(|n| 23 + n * (SEGMENT + 16));
    for len in boundaries.chain([0, 10, 23 + 15, 23 + 16, sound.len() - 1, sound.len() - 16]) {
        fs::write(f.path(&id), &sound[..len]).unwrap();
        assert!(matches!(f.folder.get(&id), Err(Error::Tampered)), "cut to {len}");
    }
    let longer = [sound.clone(), vec![0; 40]].concat();
    fs::write(f.path(&id), longer).unwrap();
    assert!(matches!(f.folder.get(&id), Err(Error::Tampered)));
}

#[test]
fn segments_and_files_cannot_change_places() {
    let f = fixture();
    let (first, second) = (bytes(2 * SEGMENT + 5), vec![9; 2 * SEGMENT + 5]);
    let (a, b) = (f.folder.put(&first).unwrap(), f.folder.put(&second).unwrap());
    let (sealed_a, sealed_b) = (fs::read(f.path(&a)).unwrap(), fs::read(f.path(&b)).unwrap());
    fs::write(f.path(&a), &sealed_b).unwrap();
    assert!(matches!(f.folder.read(&a), Err(Error::Tampered)));

    let whole = SEGMENT + 16;
    let mut swapped = sealed_a.clone();
    swapped[23..23 + whole].copy_from_slice(&sealed_a[23 + whole..23 + 2 * whole]);
    swapped[23 + whole..23 + 2 * whole].copy_from_slice(&sealed_a[23..23 + whole]);
    fs::write(f.path(&a), &swapped).unwrap();
    assert!(matches!(f.folder.read(&a), Err(Error::Tampered)));
}

#[test]
fn a_damaged_photo_is_healed_by_putting_it_again() {
    let f = fixture();
    let id = f.folder.put(b"photo").unwrap();
    fs::write(f.path(&id), b"rubbish").unwrap();
    assert_eq!(f.folder.put(b"photo").unwrap(), id);
    assert_eq!(f.folder.read(&id).unwrap(), b"photo");
}

#[test]
fn a_wrong_key_is_told_at_once_and_touches_nothing() {
    let f = fixture();
    let id = f.folder.put(b"photo").unwrap();
    fs::write(f.dir.path().join("x.part"), b"half").unwrap();
    let before = files(f.dir.path());
    assert!(matches!(SealedFolder::open(f.dir.path(), [8; 32]), Err(Error::WrongKey)));
    assert_eq!(files(f.dir.path()), before);

    // Also when the check file is lost: the photos themselves vouch for the key.
    fs::remove_file(f.dir.path().join("key-check")).unwrap();
    assert!(matches!(SealedFolder::open(f.dir.path(), [8; 32]), Err(Error::WrongKey)));
    let again = SealedFolder::open(f.dir.path(), KEY).unwrap();
    assert_eq!(again.read(&id).unwrap(), b"photo");
}

#[test]
fn files_of_others_are_not_listed() {
    let f = fixture();
    for name in [".nomedia", "DIGEST", &"A".repeat(64), &"0".repeat(63)] {
        fs::write(f.dir.path().join(name), b"x").unwrap();
    }
    assert!(f.folder.list().unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_at_an_offset_equals_the_slice(
        len in 0_usize..3 * SEGMENT,
        reads in proptest::collection::vec((0_u64..4 * SEGMENT as u64, 0_usize..2 * SEGMENT), 1..8),
    ) {
        let f = fixture();
        let plain = bytes(len);
        let file = f.folder.get(&f.folder.put(&plain).unwrap()).unwrap();
        for (offset, want) in reads.into_iter().chain([(u64::MAX, 10), (0, usize::MAX)]) {
            let start = usize::try_from(offset).unwrap().min(len);
            let end = start.saturating_add(want).min(len);
            prop_assert_eq!(file.read_at(offset, want).unwrap(), &plain[start..end]);
        }
    }
}
