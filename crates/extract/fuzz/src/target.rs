//! The target. Each of these ends the program, and libFuzzer keeps the document: a panic in our own readers,
//! an overflow of the stack, more memory than a child has, more CPU time than a child has.
//!
//! A panic in a library is no finding, because the child answers then that the document is damaged. Its place
//! is printed once.

use std::alloc::System;
use std::collections::BTreeSet;
use std::panic::{PanicHookInfo, catch_unwind, set_hook};
use std::process::abort;
use std::sync::Mutex;

use cap::Cap;
use extract::CPU_TIME;
use extract::child::budget::cpu_time;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

use crate::archives;

/// The memory that a document may take, in bytes: the 256 MiB of a child, without the program and its stacks.
const MOST_MEMORY: usize = 224 * 1024 * 1024;

/// The folder of our own readers, as the compiler names it.
const OWN_CODE: &str = "crates/extract/src";

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, MOST_MEMORY);

/// How a section of OneNote begins. It is not read, because an element that contains itself overflows the
/// stack of the library, and nothing else would be found.
const ONENOTE: &[u8] = b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3";

/// Where libraries have panicked.
static LIBRARY_PANICS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fuzz_target!(
    init: set_hook(Box::new(report_panic)),
    |document: &[u8]| {
        if document.starts_with(ONENOTE) {
            return;
        }
        let begun = cpu_time();
        // A library that panics has been reported.
        let _answer = catch_unwind(|| extract::child::extract(document.to_vec()));
        let used = cpu_time() - begun;
        // The hook takes this for a panic in our own code, because the message names its folder.
        assert!(used < CPU_TIME, "{OWN_CODE}: reading this document took {used:?} of CPU time");
    }
);

// Half of the changes of an archive are made within it.
fuzz_mutator!(|document: &mut [u8], size: usize, most: usize, seed: u32| {
    let archive = document.get(..size).filter(|_| seed % 2 == 0);
    let changed = archive.and_then(|archive| archives::mutate(archive, most, seed / 2));
    match changed.and_then(|changed| Some((document.get_mut(..changed.len())?, changed))) {
        Some((place, changed)) => {
            place.copy_from_slice(&changed);
            changed.len()
        }
        None => fuzzer_mutate(document, size, most),
    }
});

/// Ends the program if our own code has panicked. Prints where a library has, the first time.
fn report_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    if place.contains(OWN_CODE) || panic.to_string().contains(OWN_CODE) {
        eprintln!("{panic}");
        abort();
    }
    if LIBRARY_PANICS.lock().is_ok_and(|mut known| known.insert(place)) {
        eprintln!("A library panicked, which the child reports as damage: {panic}");
    }
}
