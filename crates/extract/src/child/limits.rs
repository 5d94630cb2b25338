//! What the child may use at most: set by itself before it reads a byte, and never to be raised again.

use std::io;

use rlimit::Resource;

use crate::protocol::CPU_TIME;

const MEBIBYTE: u64 = 1024 * 1024;

/// Soft and hard. They are alike but where the soft one's signal tells the parent which it was.
const LIMITS: [(Resource, u64, u64); 5] = [
    // More than what is ever resident: the program, its stacks, and what is reserved and not used count.
    (Resource::AS, 256 * MEBIBYTE, 256 * MEBIBYTE),
    // Seconds: a few hundred times what a document of twenty pages takes.
    (Resource::CPU, CPU_TIME.as_secs(), CPU_TIME.as_secs() + 1),
    // No file is written, a core dump least of all: it would hold the document.
    (Resource::FSIZE, 0, 0),
    (Resource::CORE, 0, 0),
    // The three standard streams, and one for the system's own use.
    (Resource::NOFILE, 4, 4),
];

/// Sets all limits.
pub fn set() -> io::Result<()> {
    LIMITS.iter().try_for_each(|(resource, soft, hard)| resource.set(*soft, *hard))
}
