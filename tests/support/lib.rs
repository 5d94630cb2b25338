//! The vault under test.
