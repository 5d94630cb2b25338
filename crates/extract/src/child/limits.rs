//! The limits of the child. It sets them on itself before it reads a byte, and cannot raise them again.

use std::io;

use rlimit::Resource;

use crate::protocol::CPU_TIME;

const MEBIBYTE: u64 = 1024 * 1024;

/// Soft and hard limits. They differ for CPU time alone: the signal of the soft limit tells the parent what
/// ended the child.
pub const LIMITS: [(Resource, u64, u64); 5] = [
    // It covers the program, its stacks, and memory that is reserved and not used: more than is ever
    // resident.
    (Resource::AS, 256 * MEBIBYTE, 256 * MEBIBYTE),
    // Seconds: a few hundred times what a document of twenty pages takes.
    (Resource::CPU, CPU_TIME.as_secs(), CPU_TIME.as_secs() + 1),
    // The child writes no files. A core dump would contain the document.
    (Resource::FSIZE, 0, 0),
    (Resource::CORE, 0, 0),
    // The three standard streams, and one that the system needs.
    (Resource::NOFILE, 4, 4),
];

/// Sets all limits.
pub fn set() -> io::Result<()> {
    LIMITS.iter().try_for_each(|(resource, soft, hard)| resource.set(*soft, *hard))
}
