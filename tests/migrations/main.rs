//! The schema, forward and back.
