//! The store, in a folder and elsewhere.

use std::{fs::File, io::Read};

use object_store::memory::InMemory;

use super::*;

fn elsewhere() -> Storage {
    Storage { store: Arc::new(InMemory::new()), home: Home::Elsewhere }
}

#[tokio::test]
async fn many_small_files_come_in_the_order_in_which_they_were_asked_for() {
    let folder = std::env::temp_dir().join(format!("photos-many-{}", std::process::id()));
    for storage in [elsewhere(), Storage::local(&folder, true).expect("a folder")] {
        for number in 0..40_u8 {
            storage.put(&format!("1/{number}.jpg"), vec![number; 5]).await.expect("stored");
        }
        let keys = (0..41).rev().map(|number| format!("1/{number}.jpg")).collect();
        let read = storage.read_many(keys).await;
        let read: Vec<Option<Bytes>> = read.into_iter().map(|one| one.expect("it answers")).collect();
        assert!(read[0].is_none(), "40.jpg was never stored");
        let numbers: Vec<u8> = read[1..].iter().map(|one| one.as_ref().expect("stored")[0]).collect();
        assert!(numbers.iter().copied().eq((0..40).rev()), "{numbers:?}");
    }
    fs::remove_dir_all(folder).expect("our own folder");
}

#[tokio::test]
async fn a_file_that_lies_elsewhere_is_streamed_to_whoever_reads_it() {
    let storage = elsewhere();
    // More than a pipe holds.
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    storage.put("1/a.jpg", bytes.clone()).await.expect("stored");
    let Readable { descriptor, size } =
        storage.readable("1/a.jpg").await.expect("the store answers").expect("it is there");
    assert_eq!(size, 300_000);
    let read = tokio::task::spawn_blocking(move || {
        let mut read = Vec::new();
        File::from(descriptor).read_to_end(&mut read).map(|_| read)
    });
    assert!(read.await.expect("no panic").expect("a pipe") == bytes);
    assert!(storage.readable("1/b.jpg").await.expect("the store answers").is_none());
    let (head, whole) = storage.head("1/a.jpg", 1000).await.expect("answers").expect("it is there");
    assert_eq!((head.len(), whole), (1000, 300_000));
}
