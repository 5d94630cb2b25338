//! Limits the resources of the child. The child sets the limits on itself before it reads a byte, and cannot
//! raise them again.

use std::io;

use rlimit::Resource;

use crate::protocol::CPU_TIME;

const MEBIBYTE: u64 = 1024 * 1024;

/// The soft and hard limits. They differ only for CPU time: when the soft limit is reached, a signal ends the
/// child and so tells the parent why.
pub const LIMITS: [(Resource, u64, u64); 5] = [
    // Bytes of address space: the program, its stacks, and memory that is reserved but not used. The memory
    // in use is always less.
    (Resource::AS, 256 * MEBIBYTE, 256 * MEBIBYTE),
    // Seconds of CPU time, several hundred times what a document of twenty pages takes.
    (Resource::CPU, CPU_TIME.as_secs(), CPU_TIME.as_secs() + 1),
    // The child writes no files. A core dump would contain the document.
    (Resource::FSIZE, 0, 0),
    (Resource::CORE, 0, 0),
    // File descriptors: the three standard streams, and one that the system needs.
    (Resource::NOFILE, 4, 4),
];

/// Sets all limits on this process.
pub fn set() -> io::Result<()> {
    LIMITS.iter().try_for_each(|(resource, soft, hard)| resource.set(*soft, *hard))
}
