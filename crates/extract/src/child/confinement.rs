//! Takes from this thread, and from all threads that it starts, every system call but those that reading
//! needs: a document that takes over the child can neither open files nor connect, and can start no program.

use std::collections::BTreeMap;
use std::{io, thread};

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};

/// System calls that are always allowed: memory, time, the threads of this process, and its end.
///
/// `rt_sigaction` belongs to its end: after a crash, Rust's handler restores the default, which ends the
/// process. If it could not, it would be called again and again.
const ALLOWED: [i64; 22] = [
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_clone3,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
];

/// The protection of memory that contains code.
const CODE: u64 = libc::PROT_EXEC as u64;
/// The flag by which a new task is a thread, and not a process.
const THREAD: u64 = libc::CLONE_THREAD as u64;

/// Installs the filter. It cannot be removed again. A call that is not allowed fails, as if the process had
/// no permission. This thread and the programs that it might start gain no privileges either.
///
/// # Errors
/// The kernel refuses the filter, as some containers do.
pub fn enter() -> Result<(), Error> {
    let [without_clone3, allowed] = filters()?;
    apply_filter(&without_clone3)?;
    apply_filter(&allowed)
}

/// Tries the filter on a thread of its own, which ends.
///
/// # Errors
/// The kernel refuses the filter, or no thread can be started.
pub fn check() -> io::Result<()> {
    let thread = thread::Builder::new().spawn(|| enter().map_err(io::Error::other))?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that tried the filter panicked")))
}

/// The filters. `clone3` hides its flags in memory, where a filter cannot see them. If it seems not to exist,
/// the C library starts its threads by `clone`.
fn filters() -> Result<[BpfProgram; 2], BackendError> {
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let mut rules: BTreeMap<_, _> = ALLOWED.map(|call| (call, Vec::new())).into();
    rules.insert(libc::SYS_read, vec![rule(0, SeccompCmpOp::Eq, 0)?]);
    rules.insert(libc::SYS_write, vec![rule(0, SeccompCmpOp::Eq, 1)?, rule(0, SeccompCmpOp::Eq, 2)?]);
    rules.insert(libc::SYS_mmap, vec![rule(2, SeccompCmpOp::MaskedEq(CODE), 0)?]);
    rules.insert(libc::SYS_mprotect, vec![rule(2, SeccompCmpOp::MaskedEq(CODE), 0)?]);
    rules.insert(libc::SYS_clone, vec![rule(0, SeccompCmpOp::MaskedEq(THREAD), THREAD)?]);
    Ok([
        compile(clone3, SeccompAction::Allow, missing)?,
        compile(rules, SeccompAction::Errno(libc::EPERM.unsigned_abs()), SeccompAction::Allow)?,
    ])
}

/// A filter that treats the calls of `rules` in one way, and all others in another.
fn compile(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    others: SeccompAction,
    these: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(rules, others, these, std::env::consts::ARCH.try_into()?)?.try_into()
}

/// The rule that an argument of a call fulfils a condition.
fn rule(argument: u8, condition: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, condition, value)?])
}
