//! The seed and the length of a walk.

/// The number of legs that run at the same time.
pub const PARALLEL_LEGS: usize = 4;

/// The longest leg, in steps: short enough that it ends within the lifetime of an upload URL.
const MAX_LEG_STEPS: usize = 500;

/// A walk, or one leg of it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The seed of all random choices.
    pub seed: u64,
    /// The number of steps.
    pub steps: usize,
}

impl Settings {
    /// Reads `WALK_SEED` (default: random) and `WALK_STEPS` (default: 2,000).
    pub fn read() -> Self {
        let fresh = uuid::Uuid::new_v4().as_u128() % 1_000_000;
        Self {
            seed: read_variable("WALK_SEED").unwrap_or(u64::try_from(fresh).unwrap()),
            steps: read_variable("WALK_STEPS").unwrap_or(2_000),
        }
    }
}

/// Divides a walk into legs. The first has the walk's seed, the others the seeds that follow.
pub fn divide_into_legs(seed: u64, steps: usize) -> Vec<Settings> {
    (0..steps.div_ceil(MAX_LEG_STEPS))
        .map(|leg| Settings {
            seed: seed + leg as u64,
            steps: MAX_LEG_STEPS.min(steps - leg * MAX_LEG_STEPS),
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn read_variable<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> Option<T> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}
