//! An extractor whose child processes a test can find.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use extract::Extractor;
use tests::extractor;

/// An extractor whose program has a unique path, by which the test finds the children.
pub struct NamedExtractor(pub Extractor);

impl NamedExtractor {
    /// Creates an extractor whose child is the built program of `classify`.
    pub fn new() -> Self {
        let program = unique_path();
        symlink(extractor().program, &program).unwrap();
        Self(Extractor::new(program))
    }

    /// Creates an extractor whose child is a script that misbehaves in this way.
    pub fn misbehaving(way: &str) -> Self {
        let program = unique_path().with_extension(way);
        symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/extraction/misbehaving_child.sh"), &program).unwrap();
        let mut extractor = Extractor::new(program);
        // A child that must use up its CPU time needs more wall time on a busy machine.
        extractor.timeout = Duration::from_millis(if way == "burning" { 60_000 } else { 500 });
        Self(extractor)
    }

    /// Returns the child's folder in `/proc`, if the child runs.
    pub fn process(&self) -> Option<PathBuf> {
        let own = self.0.program.to_str().unwrap();
        let mut processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        processes.find(|process| {
            std::fs::read_to_string(process.join("cmdline")).is_ok_and(|line| line.contains(own))
        })
    }
}

impl Drop for NamedExtractor {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0.program).unwrap();
    }
}

fn unique_path() -> PathBuf {
    std::env::temp_dir().join(format!("reader-{}", uuid::Uuid::new_v4().simple()))
}
