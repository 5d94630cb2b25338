//! Speed and memory, as ratios within one run.

fn main() {}
