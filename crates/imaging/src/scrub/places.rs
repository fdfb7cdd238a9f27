//! Parts of a file that stay where they are; everything between them becomes zero, and what follows them goes.

use std::ops::Range;

use super::{
    Unclean,
    plan::{Clean, Draft},
};

/// As it is, or as something else of the same length.
struct Place {
    range: Range<usize>,
    new: Option<Vec<u8>>,
}

/// The places of a file in any order.
#[derive(Default)]
pub(super) struct Places(Vec<Place>);

impl Places {
    pub(super) fn keep(&mut self, range: Range<usize>) {
        self.0.push(Place { range, new: None });
    }

    pub(super) fn put(&mut self, at: usize, new: Vec<u8>) {
        self.0.push(Place { range: at..at.saturating_add(new.len()), new: Some(new) });
    }

    pub(super) fn finish(mut self, bytes: &[u8]) -> Result<Clean, Unclean> {
        self.0.sort_by_key(|place| place.range.start);
        let mut draft = Draft::new(bytes);
        let (mut at, mut after_new) = (0, false);
        for Place { range, new } in self.0 {
            if range.end > bytes.len() {
                return Err(Unclean::Damaged);
            }
            // What two things share can't be changed for one of them.
            if range.start < at && (new.is_some() || after_new) {
                return Err(Unclean::Scattered);
            }
            if range.start > at {
                draft.erase(at..range.start);
            }
            if let Some(new) = &new {
                draft.put(range.start, new);
            } else if range.end > at {
                draft.copy(range.start.max(at)..range.end);
            }
            if range.end > at {
                (at, after_new) = (range.end, new.is_some());
            }
        }
        draft.finish()
    }
}
