//! A stack of `./dev up` on free ports, with its own data.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tests::{Environment, free_port};

const PORTS: [&str; 7] = [
    "API_PORT",
    "MINIO_PORT",
    "MINIO_CONSOLE_PORT",
    "POSTGRES_PORT",
    "SQS_PORT",
    "LOCAL_PORT",
    "LAMBDA_PORT",
];

/// Words of the emulator's command line.
pub const EMULATOR: &str = "/cargo-lambda lambda watch ";

/// The number of processes of each function.
pub const CONCURRENCY: usize = 4;

/// A stack. The first use starts it, and dropping the value stops it.
pub struct Stack {
    /// The settings of a stack that somebody else has deployed, starts and stops.
    deployed: Option<HashMap<String, String>>,
    environment: Vec<(&'static str, String)>,
    data: PathBuf,
    running: Mutex<Option<Child>>,
    printed: Arc<Mutex<String>>,
}

impl Stack {
    pub fn new() -> Self {
        let root = PathBuf::from(Environment::read().dev).parent().unwrap().to_owned();
        let data = root.join(".dev").join(format!("watch-{}", uuid::Uuid::new_v4().simple()));
        let mut environment: Vec<_> = PORTS.iter().map(|name| (*name, free_port().to_string())).collect();
        environment.push(("DEV_DATA", data.display().to_string()));
        environment.push(("CONCURRENCY", CONCURRENCY.to_string()));
        // All callers have the same address.
        environment.push(("ADDRESS_LIMIT_FACTOR", "1000".to_owned()));
        Self { deployed: None, environment, data, running: Mutex::new(None), printed: Arc::default() }
    }

    /// Returns the stack that `./dev check --deploy` has deployed, or `None` if it has not.
    /// `TEST_DEPLOYED_STACK` has its settings, as JSON, and `TEST_DEPLOYED_FOLDER` an empty folder for files.
    #[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
    pub fn find_deployed() -> Option<Self> {
        let settings = std::env::var("TEST_DEPLOYED_STACK").ok()?;
        let deployed = Some(serde_json::from_str(&settings).unwrap());
        let data = std::env::var("TEST_DEPLOYED_FOLDER").unwrap().into();
        let environment = Vec::new();
        Some(Self { deployed, environment, data, running: Mutex::new(None), printed: Arc::default() })
    }

    /// Returns whether somebody else has deployed the stack.
    pub fn is_deployed(&self) -> bool {
        self.deployed.is_some()
    }

    /// Returns a command of `./dev` for this stack.
    pub fn dev(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Environment::read().dev);
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the stack unless it runs.
    pub fn up(&self) {
        let mut running = self.lock();
        if running.is_none() && !self.is_deployed() {
            let mut child = self.dev(&["up"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            wait_until_ready(&mut child, Arc::clone(&self.printed));
            *running = Some(child);
        }
    }

    /// Waits for a stack that ends by itself. Returns whether it succeeded, and its error output.
    pub fn wait_for_end(&self) -> (bool, String) {
        let child = self.lock().take().expect("a stack that runs");
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Returns whether `./dev up` prints these words within 20 s, after it was ready.
    pub fn prints(&self, words: &str) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if self.printed.lock().unwrap().contains(words) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Creates an empty folder, which is deleted together with the stack's data.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.data.join(format!("{name}-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    /// Returns the content of a log file of the running stack.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.data.join("logs").join(name)).unwrap()
    }

    /// Sends SIGKILL to all processes of this stack whose command line contains these words. Returns them.
    pub fn kill(&self, words: &str) -> Vec<Process> {
        let found = self.processes_with(words);
        found.iter().for_each(Process::kill);
        found
    }

    /// Returns the service whose command line contains these words. A process that the service has just
    /// forked has the same command line until it executes its own program; it is left out.
    pub fn find_service(&self, words: &str) -> Result<Process, String> {
        let mut found = self.processes_with(words);
        let ids: Vec<_> = found.iter().map(|process| process.id).collect();
        found.retain(|process| process.parent().is_some_and(|parent| !ids.contains(&parent)));
        match found.as_slice() {
            [service] => Ok(service.clone()),
            _ => Err(format!("the stack has these services with {words:?}, not one: {found:#?}")),
        }
    }

    /// Returns the processes of a function.
    pub fn processes_of(&self, name: &str) -> Vec<Process> {
        let program = self.program(name);
        self.processes().into_iter().filter(|process| process.command.trim() == program).collect()
    }

    /// Returns the path of a function's program, which is the whole command line of its processes.
    pub fn program(&self, name: &str) -> String {
        self.data.join("programs").join(name).display().to_string()
    }

    /// Interrupts the stack as Ctrl-C does, and waits until it has ended.
    pub fn interrupt(&self) {
        let Some(mut child) = self.lock().take() else { return };
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let status = child.wait().unwrap();
        assert!(status.success(), "./dev up ended with {status}");
    }

    /// Returns the settings that `./dev env` prints. A deployed stack has `API_URL` and the database's URLs.
    pub fn settings(&self) -> HashMap<String, String> {
        if let Some(deployed) = &self.deployed {
            return deployed.clone();
        }
        self.up();
        let output = self.dev(&["env"]).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    fn processes_with(&self, words: &str) -> Vec<Process> {
        self.processes().into_iter().filter(|process| process.command.contains(words)).collect()
    }

    /// Returns the processes whose command line or environment names this stack's data folder.
    pub fn processes(&self) -> Vec<Process> {
        let data = self.data.display().to_string();
        let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        let read = |path: PathBuf| {
            std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        };
        processes
            .filter_map(|path| Some((path.file_name()?.to_str()?.parse::<u32>().ok()?, path)))
            .filter(|(id, _)| *id != std::process::id())
            .filter_map(|(id, path)| {
                Some((id, read(path.join("cmdline")).ok()?, read(path.join("environ")).ok()?))
            })
            .filter(|(_, command, environment)| command.contains(&data) || environment.contains(&data))
            .map(|(id, command, _)| Process { id, command })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.running.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.interrupt();
        if !self.is_deployed() && self.data.exists() {
            std::fs::remove_dir_all(&self.data).unwrap();
        }
    }
}

/// One process of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub id: u32,
    /// The words of the command line, with a space after each.
    pub command: String,
}

impl Process {
    /// Returns whether the process exists and is not a zombie.
    pub fn is_running(&self) -> bool {
        self.status().is_some_and(|(state, _)| state != "Z")
    }

    /// Returns the id of the parent of a process that exists.
    fn parent(&self) -> Option<u32> {
        self.status().map(|(_, parent)| parent)
    }

    /// Returns the state and the parent's id, which follow the name in parentheses (`proc_pid_stat(5)`).
    fn status(&self) -> Option<(String, u32)> {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", self.id)).ok()?;
        let mut fields = status.rsplit(") ").next()?.split(' ');
        Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
    }

    /// Sends SIGKILL.
    pub fn kill(&self) {
        let status = Command::new("kill").args(["-KILL", &self.id.to_string()]).status().unwrap();
        assert!(status.success() || !self.is_running(), "{self:?}");
    }
}

/// Prints the output of `./dev up` until it says `ready`, and collects the rest.
fn wait_until_ready(child: &mut Child, kept: Arc<Mutex<String>>) {
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while printed.read_line(&mut line).unwrap() > 0 {
        if line.starts_with("ready") {
            let lines = printed.lines().map_while(Result::ok);
            std::thread::spawn(move || lines.for_each(|line| kept.lock().unwrap().push_str(&(line + "\n"))));
            return;
        }
        eprint!("{}", std::mem::take(&mut line));
    }
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    panic!("./dev up ended with {}: {complaint}", child.wait().unwrap());
}
