//! The times at which a secret is read again.

use std::time::Instant;

use crate::limits::{SECRET_AGE, SECRET_MAX_AGE, SECRET_PAUSE};

/// When a secret may be read next.
pub(super) struct Schedule {
    /// The time at which the known value is old.
    old_at: Instant,
    /// The earliest time at which the secret is read because the known value does not suffice.
    insist_at: Instant,
    /// The time from which the known value is no longer used. `None` if the secret was never read.
    ends_at: Option<Instant>,
}

impl Schedule {
    /// Returns the schedule of a secret that was not read yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { old_at: now, insist_at: now, ends_at: None }
    }

    /// Returns true if the secret must be read. `known` says whether the known value suffices, and is `None`
    /// if no value is known. Each request tries to read a secret that was never read: the function may have
    /// started just before the secret was there. A value that has ended is read again after the pause.
    pub(super) fn is_due(&self, known: Option<bool>, now: Instant) -> bool {
        match known {
            None => self.ends_at.is_none() || now >= self.old_at,
            Some(suffices) => now >= self.old_at || !suffices && now >= self.insist_at,
        }
    }

    /// Returns true if the secret was last read too long ago to be used.
    pub(super) fn has_ended(&self, now: Instant) -> bool {
        self.ends_at.is_some_and(|end| now >= end)
    }

    /// Notes that the secret was read. `insists` is true if the known value did not suffice. Readings for
    /// another reason do not postpone such a reading: the secret may have changed immediately after them.
    pub(super) fn note(&mut self, succeeded: bool, insists: bool, now: Instant) {
        self.old_at = now + if succeeded { SECRET_AGE } else { SECRET_PAUSE };
        if succeeded {
            self.ends_at = Some(now + SECRET_MAX_AGE);
        }
        if insists {
            self.insist_at = now + SECRET_PAUSE;
        }
    }
}

#[cfg(test)]
impl Schedule {
    /// Moves all times forward, as if `by` had passed.
    pub(super) fn bring_forward(&mut self, by: std::time::Duration) {
        for at in [&mut self.old_at, &mut self.insist_at].into_iter().chain(&mut self.ends_at) {
            *at -= by;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn an_unknown_secret_is_read_at_once_also_after_a_failure() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        assert!(schedule.is_due(None, now));
        schedule.note(false, false, now);
        assert!(schedule.is_due(None, now));
    }

    #[test]
    fn a_known_secret_is_read_again_when_it_is_old() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        schedule.note(true, false, now);
        assert!(!schedule.is_due(Some(true), now + SECRET_AGE - MOMENT));
        assert!(schedule.is_due(Some(true), now + SECRET_AGE));
    }

    #[test]
    fn a_failed_reading_is_repeated_after_the_pause() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        schedule.note(false, false, now);
        assert!(!schedule.is_due(Some(true), now + SECRET_PAUSE - MOMENT));
        assert!(schedule.is_due(Some(true), now + SECRET_PAUSE));
    }

    #[test]
    fn a_value_ends_that_was_not_read_for_too_long() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        schedule.note(true, false, now + MOMENT);
        schedule.note(false, false, now + SECRET_MAX_AGE);
        assert!(!schedule.has_ended(now + SECRET_MAX_AGE));
        assert!(schedule.has_ended(now + SECRET_MAX_AGE + MOMENT));
    }

    #[test]
    fn a_value_that_has_ended_is_read_again_after_the_pause() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        schedule.note(true, false, now);
        let end = now + SECRET_MAX_AGE;
        assert!(schedule.is_due(None, end));
        schedule.note(false, false, end);
        assert!(!schedule.is_due(None, end + SECRET_PAUSE - MOMENT));
        assert!(schedule.is_due(None, end + SECRET_PAUSE));
    }

    #[test]
    fn a_value_that_does_not_suffice_causes_one_reading_in_each_pause() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        schedule.note(true, false, now);
        assert!(schedule.is_due(Some(false), now), "the first reading does not count");
        schedule.note(true, true, now);
        assert!(!schedule.is_due(Some(false), now + SECRET_PAUSE - MOMENT));
        assert!(schedule.is_due(Some(false), now + SECRET_PAUSE));
    }

    #[test]
    fn failed_readings_for_unknown_keys_also_count() {
        let now = Instant::now();
        let mut schedule = Schedule::new(now);
        schedule.note(true, false, now);
        schedule.note(false, true, now);
        assert!(!schedule.is_due(Some(false), now + SECRET_PAUSE - MOMENT));
    }
}
