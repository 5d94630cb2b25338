//! Which way to walk, and how far.

/// Legs that are walked side by side.
pub const AT_ONCE: usize = 4;

/// The longest leg, in steps: well within the lifetime of an upload URL.
const LEG: usize = 500;

/// A walk.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Decides everything.
    pub seed: u64,
    /// How many.
    pub steps: usize,
}

impl Settings {
    /// `WALK_SEED`, else a new way each time, and `WALK_STEPS`.
    pub fn read() -> Self {
        let fresh = uuid::Uuid::new_v4().as_u128() % 1_000_000;
        Self {
            seed: variable("WALK_SEED").unwrap_or(u64::try_from(fresh).unwrap()),
            steps: variable("WALK_STEPS").unwrap_or(2_000),
        }
    }
}

/// The legs of a walk: the first has its seed, the others those that follow.
pub fn legs(seed: u64, steps: usize) -> Vec<Settings> {
    (0..steps.div_ceil(LEG))
        .map(|leg| Settings { seed: seed + leg as u64, steps: LEG.min(steps - leg * LEG) })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn variable<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> Option<T> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}
