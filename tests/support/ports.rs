//! Ports for servers that a test starts as programs.

use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// Returns a port that is free at the moment, and never one twice. It is below the ephemeral range, so that
/// no connection takes it before a server listens on it, or while the server is stopped.
pub fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(std::process::id() as u16));
    let mut ports = (0..8_000).map(|_| 20_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 8_000);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}
