//! The local runner as a program, against a real queue server and a played emulator of functions.
#![expect(clippy::indexing_slicing, reason = "absent members of JSON read as null")]

mod gateway;
mod queue;
mod sandbox;
mod schedule;
mod store;
mod support;
mod webhook;
