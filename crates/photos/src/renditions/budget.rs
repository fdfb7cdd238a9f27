//! Memory that the photos in work may take together: each is admitted by what it will need.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is admitted is counted in these.
const MEGABYTE: u64 = 1 << 20;

/// Memory that is shared out, in whole megabytes. Who asks first is admitted first, so that a large photo does not wait
/// for ever while small ones pass it. Clones share one budget.
#[derive(Clone)]
pub struct Budget {
    free: Arc<Semaphore>,
    megabytes: u32,
}

/// Memory for one photo, given back when dropped.
pub struct Admission {
    permit: OwnedSemaphorePermit,
}

impl Budget {
    /// So many megabytes in all.
    pub fn new(megabytes: u32) -> Self {
        let megabytes = megabytes.max(1);
        Self { free: Arc::new(Semaphore::new(megabytes as usize)), megabytes }
    }

    /// Bytes in all.
    pub fn bytes(&self) -> u64 {
        u64::from(self.megabytes) * MEGABYTE
    }

    /// Waits for so many bytes. A photo that wants more than there is gets all there is, alone: estimates are careful,
    /// and what really needs more is refused when it asks for it.
    pub async fn admit(&self, bytes: u64) -> Admission {
        let wanted = u32::try_from(bytes.div_ceil(MEGABYTE)).unwrap_or(u32::MAX).clamp(1, self.megabytes);
        let permit = Arc::clone(&self.free).acquire_many_owned(wanted).await;
        Admission { permit: permit.expect("the budget is never closed") }
    }
}

impl Admission {
    /// Bytes that were admitted.
    pub fn bytes(&self) -> u64 {
        self.permit.num_permits() as u64 * MEGABYTE
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::task::{JoinSet, yield_now};

    use super::*;

    /// What is admitted at the same time, and the most that ever was.
    #[derive(Default)]
    struct Account {
        now: AtomicU64,
        most: AtomicU64,
        together: AtomicU64,
    }

    async fn admitted(budget: &Budget, wishes: &[u64]) -> (u64, u64) {
        let (account, mut photos) = (Arc::new(Account::default()), JoinSet::new());
        let budget = Arc::new(Budget { free: Arc::clone(&budget.free), megabytes: budget.megabytes });
        for wish in wishes.iter().copied() {
            let (account, budget) = (Arc::clone(&account), Arc::clone(&budget));
            photos.spawn(async move {
                let admission = budget.admit(wish).await;
                let now = account.now.fetch_add(admission.bytes(), Ordering::SeqCst) + admission.bytes();
                account.most.fetch_max(now, Ordering::SeqCst);
                account.together.fetch_max(now / admission.bytes(), Ordering::SeqCst);
                for _ in 0..5 {
                    yield_now().await;
                }
                account.now.fetch_sub(admission.bytes(), Ordering::SeqCst);
            });
        }
        while photos.join_next().await.is_some() {}
        assert_eq!(budget.free.available_permits(), budget.megabytes as usize, "all is given back");
        (account.most.load(Ordering::SeqCst), account.together.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn two_photos_are_never_in_work_at_once_when_their_sum_exceeds_the_budget() {
        let budget = Budget::new(256);
        let (most, together) = admitted(&budget, &[140 << 20; 8]).await;
        assert_eq!((most, together), (140 << 20, 1));
        let (most, together) = admitted(&budget, &[128 << 20; 8]).await;
        assert_eq!((most, together), (256 << 20, 2), "and two are where both fit");
    }

    #[tokio::test]
    async fn no_batch_exceeds_the_budget() {
        let budget = Budget::new(100);
        let wishes: Vec<u64> = (0..200_u64).map(|number| (number * 7919 % 130) << 20).collect();
        let (most, _) = admitted(&budget, &wishes).await;
        assert!(most <= 100 << 20, "{most}");
    }

    #[tokio::test]
    async fn a_photo_that_wants_more_than_there_is_gets_all_there_is() {
        let budget = Budget::new(100);
        assert_eq!(budget.admit(u64::MAX).await.bytes(), budget.bytes());
        assert_eq!(budget.admit(0).await.bytes(), 1 << 20);
    }
}
