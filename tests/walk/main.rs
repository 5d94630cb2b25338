//! A seeded random walk over everything that can happen, the promises checked after every step.
