//! A random walk. It chooses operations on documents at random, in any order, and kills functions between any
//! two of their requests. After each step it checks the promises (`README.md`).
//!
//! The walk prints its seed. `WALK_SEED=<seed> WALK_STEPS=<steps> ./dev test -p tests --test walk` repeats
//! it. A long walk is divided into legs of 500 steps. Each leg has its own vault and the next seed.

mod every_step;
mod expected_answers;
mod fixture;
mod invariants;
mod model;
mod operation;
mod perform;
mod settings;
mod walk;

use settings::Settings;
use walk::walk;

#[test]
fn the_promises_hold_after_every_step_of_a_random_walk() {
    let Settings { seed, steps } = Settings::read();
    println!("walk: WALK_SEED={seed} WALK_STEPS={steps}");
    let legs = settings::divide_into_legs(seed, steps);
    for group in legs.chunks(settings::PARALLEL_LEGS) {
        let walking: Vec<_> = group.iter().map(|&leg| std::thread::spawn(move || walk(leg))).collect();
        for (leg, walked) in group.iter().zip(walking) {
            assert!(walked.join().is_ok(), "repeat it with WALK_SEED={} WALK_STEPS={}", leg.seed, leg.steps);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_walk() {
    let leg = Settings { seed: Settings::read().seed, steps: 100 };
    let walking = [std::thread::spawn(move || walk(leg)), std::thread::spawn(move || walk(leg))];
    let [once, again] = walking.map(|walking| walking.join().unwrap());
    assert_eq!(once, again);
}
