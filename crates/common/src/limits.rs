//! How often one client may do something: counters by address, refilled steadily.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};

use crate::{Error, Result, client_address, figures};

/// A limit of so many a minute for each client address (each /64 of IPv6).
pub struct Limit {
    limiter: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock>,
}

impl Limit {
    /// So many at once, refilled evenly over a minute.
    pub fn per_minute(count: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::keyed(Quota::per_minute(count)) }
    }

    /// Counts one; answers 429 with the seconds to wait when it was one too many.
    pub fn check(&self, address: IpAddr) -> Result<()> {
        if self.limiter.len() > 10_000 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&client_address::limit_key(address)).map_err(|too_early| {
            figures::refused();
            let wait = too_early.wait_time_from(DefaultClock::default().now());
            Error::TooManyRequests { retry_after: wait.as_secs() + 1 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_in_a_minute_is_refused_and_others_are_not() {
        let limit = Limit::per_minute(NonZeroU32::new(10).expect("not zero"));
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..10 {
            limit.check(one).expect("within the limit");
        }
        let refused = limit.check(one).expect_err("one too many");
        assert!(matches!(refused, Error::TooManyRequests { retry_after: 1..=7 }), "{refused:?}");
        limit.check(other).expect("another address has its own count");
    }
}
