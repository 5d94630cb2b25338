//! Tests of the local runner as a program, with a real queue server and a fake emulator.
#![expect(clippy::indexing_slicing, reason = "indexing a JSON value with a missing key gives null")]

mod gateway;
mod queue;
mod sandbox;
mod schedule;
mod store;
mod support;
mod webhook;
