//! Answers about sessions that may be given again: for seconds, no more than so many, and only while whatever ends them
//! would be heard of.
//!
//! Events have ascending ids (`common::events`). An answer that takes all events up to some id into account may be kept
//! unless a later one of its account was heard of meanwhile: so neither a look-up that began before a revocation nor
//! another process that hears later can put an old answer back after the revocation was heard of. Only good answers are kept. What isn't known is always asked, so nobody can fill
//! the memory with tokens of his own making.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

use crate::{figures, identity::UserId, secrets::Digest};

/// The kept answers of one process, found by the hash of a token.
pub struct Verdicts<V> {
    most: usize,
    kept: RwLock<Kept<V>>,
}

struct Kept<V> {
    /// The last event of each account since `Hearing::since`.
    changed: HashMap<UserId, i64>,
    entries: HashMap<Digest, Entry<V>>,
    of_users: BTreeSet<(UserId, Digest)>,
    /// In the order of keeping, and so, more or less, of expiring. May name entries that are gone.
    order: VecDeque<(Digest, Instant)>,
    hearing: Option<Hearing>,
}

struct Entry<V> {
    user: UserId,
    expires_at: Instant,
    verdict: V,
}

/// Whatever happens is heard of, up to now.
#[derive(Clone, Copy)]
struct Hearing {
    /// The newest event.
    through: i64,
    /// Up to this event it is not known whose they were.
    since: i64,
    /// Until when that is believed without a further sign of life.
    until: Instant,
}

/// A kept answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<V> {
    /// The answer.
    pub verdict: V,
    /// For how long it may still be given.
    pub left: Duration,
    /// The newest event that it takes into account.
    pub through: i64,
}

impl<V: Clone> Verdicts<V> {
    /// Keeps nothing until `begin`.
    pub fn new(most: usize) -> Self {
        let kept = Kept {
            changed: HashMap::new(),
            entries: HashMap::new(),
            of_users: BTreeSet::new(),
            order: VecDeque::new(),
            hearing: None,
        };
        Self { most, kept: RwLock::new(kept) }
    }

    /// From now on whatever happens after event `through` is heard of; believed for `patience`.
    pub fn begin(&self, through: i64, patience: Duration) {
        let mut kept = self.write();
        kept.clear();
        kept.hearing = Some(Hearing { through, since: through, until: Instant::now() + patience });
    }

    /// A sign of life: everything up to event `through` was heard of.
    pub fn still_hearing(&self, through: i64, patience: Duration) {
        if let Some(hearing) = &mut self.write().hearing {
            hearing.through = hearing.through.max(through);
            hearing.until = Instant::now() + patience;
        }
    }

    /// Events may be missed from now on: forgets everything and keeps nothing until the next `begin`.
    pub fn end(&self) {
        let mut kept = self.write();
        kept.clear();
        kept.hearing = None;
    }

    /// Something happened to this account or to a session of it.
    pub fn heard(&self, event: i64, user: UserId) {
        let mut kept = self.write();
        let first = (user, [0; 32]);
        let last = (user, [u8::MAX; 32]);
        let theirs: Vec<Digest> = kept.of_users.range(first..=last).map(|(_, digest)| *digest).collect();
        for digest in theirs {
            kept.remove(&digest);
        }
        kept.note_change(event, user, self.most);
    }

    /// The newest event that was heard of; `None` while events may be missed. Asked before a look-up.
    pub fn through(&self) -> Option<i64> {
        self.read().hearing_now(Instant::now()).map(|hearing| hearing.through)
    }

    /// The kept answer for a token.
    pub fn find(&self, token: &Digest) -> Option<Found<V>> {
        let found = self.find_kept(token);
        figures::session_answered(found.is_some());
        found
    }

    fn find_kept(&self, token: &Digest) -> Option<Found<V>> {
        let (kept, now) = (self.read(), Instant::now());
        let through = kept.hearing_now(now)?.through;
        let entry = kept.entries.get(token)?;
        let left = entry.expires_at.checked_duration_since(now).filter(|left| !left.is_zero())?;
        Some(Found { verdict: entry.verdict.clone(), left, through })
    }

    /// Keeps an answer that takes all events up to `through` into account, unless a later one of this account was heard
    /// of. Says whether it did.
    pub fn keep(&self, token: Digest, user: UserId, verdict: V, lifetime: Duration, through: i64) -> bool {
        let (mut kept, now) = (self.write(), Instant::now());
        if !kept.is_current(user, through, now) || lifetime.is_zero() {
            return false;
        }
        kept.remove(&token);
        kept.make_room(self.most, now);
        kept.forget_what_is_gone(self.most);
        let expires_at = now + lifetime;
        kept.entries.insert(token, Entry { user, expires_at, verdict });
        kept.of_users.insert((user, token));
        kept.order.push_back((token, expires_at));
        true
    }

    fn read(&self) -> RwLockReadGuard<'_, Kept<V>> {
        self.kept.read().expect("no code panics while it holds the kept answers")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept<V>> {
        self.kept.write().expect("no code panics while it holds the kept answers")
    }
}

impl<V> Kept<V> {
    fn hearing_now(&self, now: Instant) -> Option<Hearing> {
        self.hearing.filter(|hearing| now < hearing.until)
    }

    /// Whether no event of this account came after `through`, as far as anybody here can tell.
    fn is_current(&self, user: UserId, through: i64, now: Instant) -> bool {
        let later = self.changed.get(&user).is_some_and(|event| through < *event);
        !later && self.hearing_now(now).is_some_and(|hearing| through >= hearing.since)
    }

    fn note_change(&mut self, event: i64, user: UserId, most: usize) {
        let Some(hearing) = &mut self.hearing else { return };
        hearing.through = hearing.through.max(event);
        if self.changed.len() >= most {
            // Answers from before are no longer believed, whoever they are about.
            hearing.since = hearing.through;
            self.changed.clear();
        }
        let last = self.changed.entry(user).or_insert(event);
        *last = event.max(*last);
    }

    /// Takes the oldest out: all that have expired, and as many more as it needs.
    fn make_room(&mut self, most: usize, now: Instant) {
        while let Some((token, expires_at)) = self.order.front().copied() {
            let is_there = self.entries.get(&token).is_some_and(|entry| entry.expires_at == expires_at);
            if is_there && expires_at > now && self.entries.len() < most {
                return;
            }
            self.order.pop_front();
            if is_there {
                self.remove(&token);
            }
        }
    }

    /// Those whose account changed stay in the order until they are the oldest; they must not pile up.
    fn forget_what_is_gone(&mut self, most: usize) {
        if self.order.len() > 2 * most {
            let entries = &self.entries;
            let is_there = |(token, expires_at): &(Digest, Instant)| {
                entries.get(token).is_some_and(|entry| entry.expires_at == *expires_at)
            };
            self.order.retain(is_there);
        }
    }

    fn remove(&mut self, token: &Digest) {
        if let Some(entry) = self.entries.remove(token) {
            self.of_users.remove(&(entry.user, *token));
        }
    }

    fn clear(&mut self) {
        self.changed.clear();
        self.entries.clear();
        self.of_users.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests;
