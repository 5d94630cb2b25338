//! The vault from outside, over `cargo lambda watch`.
