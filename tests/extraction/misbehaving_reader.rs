//! A program that prepares itself like the child that reads documents, and then does what the document says
//! instead of reading it.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io, process, thread};

use extract::{Extracted, Format};
use memmap2::MmapMut;
use region::Protection;
use rlimit::Resource;
use rustix::process::{Pid, Signal, kill_process};

fn main() -> io::Result<()> {
    extract::child::prepare()?;
    let mut lines = io::stdin().lines();
    let order = lines.next().transpose()?.unwrap_or_default();
    let text = obey(&order).map_or_else(|error| error.to_string(), |()| "done".to_owned());
    let answer = Extracted { format: Format::Text, text, ..Extracted::default() };
    writeln!(io::stdout(), "{}", serde_json::to_string(&answer)?)?;
    // Until the document ends, a test may look at this process.
    lines.try_for_each(|line| line.map(drop))
}

/// Does what the document says: a way, and what it is about.
fn obey(order: &str) -> io::Result<()> {
    let (way, about) = order.split_once(' ').unwrap_or((order, ""));
    match way {
        "open" => fs::read(about).map(drop),
        "create" => fs::write(about, "Berth 42"),
        "delete" => fs::remove_file(about),
        "list" => fs::read_dir(about).map(drop),
        "change-folder" => env::set_current_dir(about),
        "connect" => TcpStream::connect(about).map(drop),
        "datagram" => UdpSocket::bind(about).map(drop),
        "local-socket" => UnixStream::connect(about).map(drop),
        "run" => Command::new(about).spawn()?.wait().map(drop),
        "signal" => {
            let process = about.parse().ok().and_then(Pid::from_raw);
            Ok(kill_process(process.ok_or(io::ErrorKind::InvalidInput)?, Signal::CONT)?)
        }
        "raise-limit" => Resource::AS.set(256 << 20, 256 << 20),
        "make-executable" => MmapMut::map_anon(4096)?.make_exec().map(drop),
        "map-executable" => match region::alloc(4096, Protection::READ_EXECUTE) {
            Err(region::Error::SystemCall(number)) => Err(io::Error::from_raw_os_error(number)),
            other => other.map(drop).map_err(io::Error::other),
        },
        "check-filter" => extract::confinement::check(),
        "use-memory" => use_memory(),
        "use-time" => use_time(),
        "exhaust-memory" => {
            black_box(vec![1_u8; 1 << 30]);
            Ok(())
        }
        "overflow-stack" => {
            overflow_stack(1);
            Ok(())
        }
        "abort" => process::abort(),
        "panic" => panic!("as told"),
        "panic-on-thread" => {
            thread::spawn(|| panic!("as told")).join().map_err(|_| io::Error::other("joined"))
        }
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Reserves, grows and releases memory on several threads, as readers do.
fn use_memory() -> io::Result<()> {
    for _ in 0..4 {
        let thread = thread::Builder::new().name("reader".to_owned()).stack_size(4 << 20).spawn(|| {
            let mut grown = vec![0_u8; 1 << 10];
            (0..12).for_each(|_| grown.extend(grown.clone()));
            HashMap::from([("berth", grown.len())]).len()
        })?;
        thread.join().map_err(|_| io::Error::other("the thread panicked"))?;
    }
    MmapMut::map_anon(32 << 20).map(drop)
}

fn use_time() -> io::Result<()> {
    let began = Instant::now();
    thread::sleep(Duration::from_millis(10));
    thread::yield_now();
    if began.elapsed().is_zero() { Err(io::Error::other("no time has passed")) } else { Ok(()) }
}

/// Calls itself until the stack is used up.
fn overflow_stack(depth: u64) -> u64 {
    if black_box(depth) == 0 { 0 } else { depth + black_box(overflow_stack(depth + 1)) }
}
