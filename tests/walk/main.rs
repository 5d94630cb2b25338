//! A random walk over everything that can happen to documents, in any order, with functions that die between any two of their
//! steps: after each step the promises of SPEC section 1 are checked.
//!
//! It prints its seed. `WALK_SEED=<seed> WALK_STEPS=<steps> ./dev test -p tests --test walk` walks the same way again; many
//! steps are walked in legs of 500, each in a vault of its own, with the seeds that follow.

mod act;
mod check;
mod crash;
mod expect;
mod model;
mod operation;
mod settings;
mod stage;
mod walk;

use settings::Settings;
use walk::walk;

#[test]
fn whatever_happens_in_whatever_order_the_promises_hold() {
    let Settings { seed, steps } = Settings::read();
    println!("walk: WALK_SEED={seed} WALK_STEPS={steps}");
    let legs = settings::legs(seed, steps);
    for group in legs.chunks(settings::AT_ONCE) {
        let walking: Vec<_> = group.iter().map(|&leg| std::thread::spawn(move || walk(leg))).collect();
        for (leg, walked) in group.iter().zip(walking) {
            assert!(walked.join().is_ok(), "walk again with WALK_SEED={} WALK_STEPS={}", leg.seed, leg.steps);
        }
    }
}

#[test]
fn the_same_seed_walks_the_same_way() {
    let leg = Settings { seed: Settings::read().seed, steps: 100 };
    let walking = [std::thread::spawn(move || walk(leg)), std::thread::spawn(move || walk(leg))];
    let [once, again] = walking.map(|walking| walking.join().unwrap());
    assert_eq!(once, again);
}
