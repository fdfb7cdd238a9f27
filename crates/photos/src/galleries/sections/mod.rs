//! The sections of a gallery, such as “Ceremony” and “Dinner”, and the order of its photos by hand.

pub mod api;
pub mod screen;
pub mod store;

use common::{Error, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{GalleryId, SectionId};
use crate::photos::{Order, PhotoId};

/// The most sections a gallery may have.
pub const MOST: i64 = 100;

/// A section of a gallery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Section {
    /// The section.
    pub id: SectionId,
    /// 1 to 100 characters.
    pub name: String,
    /// Photos in it that are shown.
    pub photos: i64,
}

/// Where photos are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Before this photo.
    Before(PhotoId),
    /// Behind this photo.
    After(PhotoId),
    /// Behind all others.
    End,
    /// One step, among these photos, to somewhere else.
    Step(Step),
}

/// A step among the photos that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Before all others.
    First,
    /// Before the one before them.
    Earlier,
    /// Behind the one behind them.
    Later,
    /// Behind all others.
    Last,
}

/// A photo in the order of its gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The photo.
    pub id: PhotoId,
    /// The section that it is in.
    pub section: Option<SectionId>,
}

/// Arranges photos by hand: puts them somewhere, in this order, or in the order they had for a step. A step goes among the
/// photos of one section where one is given. From then on the gallery is ordered by hand, beginning with the order it had.
pub async fn arrange(
    db: &PgPool,
    gallery: GalleryId,
    photos: &[PhotoId],
    target: Target,
    within: Option<SectionId>,
) -> Result<()> {
    let mut transaction = db.begin().await?;
    let order = store::lock_order(&mut transaction, gallery).await?;
    let all = store::list_in_order(&mut transaction, gallery, order).await?;
    let arranged = rearranged(&all, photos, target, within).ok_or_else(|| {
        Error::invalid(
            "before",
            "The photo beside which these should stand is one of them, or not in the gallery.",
        )
    })?;
    store::update_positions(&mut transaction, gallery, &arranged).await?;
    if order != Order::Manual {
        store::update_order(&mut transaction, gallery, Order::Manual).await?;
    }
    Ok(transaction.commit().await?)
}

/// The new order; `None` where the photo beside which they should stand is one of them, or not here.
fn rearranged(
    all: &[Placed],
    photos: &[PhotoId],
    target: Target,
    within: Option<SectionId>,
) -> Option<Vec<PhotoId>> {
    let is_here = |photo: &PhotoId| all.iter().any(|placed| placed.id == *photo);
    let is_moved = |placed: &&Placed| photos.contains(&placed.id);
    let rest: Vec<Placed> = all.iter().filter(|placed| !is_moved(placed)).copied().collect();
    let at = |photo: PhotoId| rest.iter().position(|placed| placed.id == photo);
    let (moved, place) = match target {
        Target::Before(photo) => (photos.iter().copied().filter(is_here).collect(), at(photo)?),
        Target::After(photo) => (photos.iter().copied().filter(is_here).collect(), at(photo)? + 1),
        Target::End => (photos.iter().copied().filter(is_here).collect(), rest.len()),
        Target::Step(step) => {
            let moved: Vec<PhotoId> = all.iter().filter(is_moved).map(|placed| placed.id).collect();
            let place = stepped(all, &rest, &moved, step, within);
            (moved, place)
        }
    };
    let mut order: Vec<PhotoId> = rest.iter().map(|placed| placed.id).collect();
    order.splice(place..place, moved);
    Some(order)
}

/// Where a step leads, as a place among the rest.
fn stepped(
    all: &[Placed],
    rest: &[Placed],
    moved: &[PhotoId],
    step: Step,
    within: Option<SectionId>,
) -> usize {
    let shown = |placed: &Placed| within.is_none() || placed.section == within;
    let rank = |photo: PhotoId| all.iter().position(|placed| placed.id == photo).unwrap_or_default();
    let (first, last) =
        (moved.first().map_or(0, |photo| rank(*photo)), moved.last().map_or(all.len(), |photo| rank(*photo)));
    let ahead = |placed: &Placed| shown(placed) && rank(placed.id) < first;
    let behind = |placed: &Placed| shown(placed) && rank(placed.id) > last;
    // Where there is nothing to pass they stay, side by side.
    let at_front = rest.iter().position(shown).unwrap_or(0);
    let at_end = rest.iter().rposition(shown).map_or(rest.len(), |place| place + 1);
    match step {
        Step::First => at_front,
        Step::Earlier => rest.iter().rposition(ahead).unwrap_or(at_front),
        Step::Later => rest.iter().position(behind).map_or(at_end, |place| place + 1),
        Step::Last => at_end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gallery(sections: &[i64]) -> Vec<Placed> {
        let placed = |(id, section): (i32, &i64)| Placed {
            id: PhotoId(id),
            section: (*section > 0).then_some(SectionId(*section)),
        };
        (1..).zip(sections).map(placed).collect()
    }

    fn order(all: &[Placed], photos: &[i32], target: Target, within: Option<i64>) -> Option<Vec<i32>> {
        let photos: Vec<PhotoId> = photos.iter().copied().map(PhotoId).collect();
        let order = rearranged(all, &photos, target, within.map(SectionId))?;
        Some(order.into_iter().map(|photo| photo.0).collect())
    }

    #[test]
    fn photos_are_put_beside_another_one_in_the_order_given() {
        let all = gallery(&[0; 5]);
        assert_eq!(order(&all, &[5, 4], Target::Before(PhotoId(2)), None), Some(vec![1, 5, 4, 2, 3]));
        assert_eq!(order(&all, &[1, 9], Target::After(PhotoId(5)), None), Some(vec![2, 3, 4, 5, 1]));
        assert_eq!(order(&all, &[1], Target::Before(PhotoId(1)), None), None);
        assert_eq!(order(&all, &[1], Target::After(PhotoId(9)), None), None);
    }

    #[test]
    fn a_step_passes_one_photo_of_those_that_are_shown() {
        let all = gallery(&[0; 5]);
        let step = |photos: &[i32], step| order(&all, photos, Target::Step(step), None).expect("an order");
        assert_eq!(step(&[4, 3], Step::Earlier), [1, 3, 4, 2, 5]);
        assert_eq!(step(&[1], Step::Earlier), [1, 2, 3, 4, 5]);
        assert_eq!(step(&[1, 3], Step::Later), [2, 4, 1, 3, 5]);
        assert_eq!(step(&[5], Step::Later), [1, 2, 3, 4, 5]);
        assert_eq!(step(&[2, 5], Step::First), [2, 5, 1, 3, 4]);
        assert_eq!(step(&[1], Step::Last), [2, 3, 4, 5, 1]);
        // Among the photos of a section, those of others are passed too.
        let mixed = gallery(&[7, 8, 8, 7, 8]);
        let within =
            |photos: &[i32], step| order(&mixed, photos, Target::Step(step), Some(7)).expect("an order");
        assert_eq!(within(&[4], Step::Earlier), [4, 1, 2, 3, 5]);
        assert_eq!(within(&[1], Step::Later), [2, 3, 4, 1, 5]);
        assert_eq!(within(&[1], Step::Last), [2, 3, 4, 1, 5]);
    }

    #[test]
    fn no_photo_is_lost_or_doubled_by_a_step() {
        let all = gallery(&[7, 0, 7, 8, 0, 8]);
        for chosen in 0..64_u32 {
            let photos: Vec<i32> = (1..=6).filter(|id| chosen & (1 << (id - 1)) != 0).collect();
            for step in [Step::First, Step::Earlier, Step::Later, Step::Last] {
                for within in [None, Some(7), Some(9)] {
                    let mut order = order(&all, &photos, Target::Step(step), within).expect("an order");
                    order.sort_unstable();
                    assert_eq!(order, [1, 2, 3, 4, 5, 6], "{photos:?} {step:?} {within:?}");
                }
            }
        }
    }
}
