//! `./dev up` on free ports, with data of its own.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};

use tests::Environment;

const PORTS: [&str; 7] = [
    "API_PORT",
    "MINIO_PORT",
    "MINIO_CONSOLE_PORT",
    "POSTGRES_PORT",
    "SQS_PORT",
    "LOCAL_PORT",
    "LAMBDA_PORT",
];

/// The stack: started at the first use, stopped with its owner.
pub struct Stack {
    environment: Vec<(&'static str, String)>,
    data: PathBuf,
    running: Mutex<Option<Child>>,
}

impl Stack {
    pub fn new() -> Self {
        let root = PathBuf::from(Environment::read().dev).parent().unwrap().to_owned();
        let data = root.join(".dev").join(format!("watch-{}", uuid::Uuid::new_v4().simple()));
        // Held together, so that no port is handed out twice.
        let listeners: Vec<_> = PORTS.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port().to_string();
        let mut environment: Vec<_> = PORTS.iter().copied().zip(listeners.iter().map(port)).collect();
        environment.push(("DEV_DATA", data.display().to_string()));
        environment.push(("CONCURRENCY", "4".into()));
        Self { environment, data, running: Mutex::new(None) }
    }

    /// Runs a verb of `./dev` against this stack.
    pub fn dev(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Environment::read().dev);
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the stack if it does not run.
    pub fn up(&self) {
        let mut running = self.lock();
        if running.is_none() {
            let mut child = self.dev(&["up"]).stdout(Stdio::piped()).spawn().unwrap();
            wait_until_ready(&mut child);
            *running = Some(child);
        }
    }

    /// Interrupts the stack as Ctrl-C does, and waits for its end.
    pub fn interrupt(&self) {
        let Some(mut child) = self.lock().take() else { return };
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let status = child.wait().unwrap();
        assert!(status.success(), "./dev up ended with {status}");
    }

    /// What `./dev env` prints.
    pub fn settings(&self) -> HashMap<String, String> {
        self.up();
        let output = self.dev(&["env"]).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    /// The command lines of processes that work on this stack's data.
    pub fn processes(&self) -> Vec<String> {
        let data = self.data.display().to_string();
        let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        let read = |path: PathBuf| {
            std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        };
        processes
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().parse::<u32>().is_ok()))
            .filter(|path| path.file_name() != Some(std::process::id().to_string().as_ref()))
            .filter_map(|path| Some((read(path.join("cmdline")).ok()?, read(path.join("environ")).ok()?)))
            .filter(|(command, environment)| command.contains(&data) || environment.contains(&data))
            .map(|(command, _)| command)
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.running.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.interrupt();
        if self.data.exists() {
            std::fs::remove_dir_all(&self.data).unwrap();
        }
    }
}

/// Passes on what `./dev up` says until it says `ready`; the rest is read so that the pipe never fills.
fn wait_until_ready(child: &mut Child) {
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while said.read_line(&mut line).unwrap() > 0 {
        if line.starts_with("ready") {
            std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
            return;
        }
        eprint!("{}", std::mem::take(&mut line));
    }
    panic!("./dev up ended with {}", child.wait().unwrap());
}
