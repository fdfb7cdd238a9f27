//! What must hold of `imaging` whatever bytes it is given.

pub mod panics;
pub mod targets;
