"""The variables of a function are found through everything that it calls when it starts."""

import tempfile
import unittest
from pathlib import Path

from infra import rust

CONFIG = '''
fn read_required(variable: &'static str) -> Result<String> { find(variable) }
impl StoreConfig {
    /// Reads `NOT_A_VARIABLE`.
    pub fn from_env() -> Result<Self> { Ok(Self { bucket: read_required("BUCKET")?, region: Self::region()? }) }
    fn region() -> Result<String> { read_optional("REGION") }
}
impl QueueConfig { pub fn from_env() -> Result<Self> { Ok(Self { url: read_required("QUEUE")? }) } }
pub fn read_log_level() -> Result<Level> { read_or_default("LOG_LEVEL", "a {") }
#[cfg(test)]
mod tests { impl StoreConfig { fn from_env() { read_optional("TEST") } } }
'''
STORE = 'impl Store { pub fn from_env() -> Result<Self> { Ok(Self::new(config::StoreConfig::from_env()?)) } }'
TELEMETRY = 'pub fn init() -> Result<()> { config::read_log_level() }'
FUNCTION = '''
#[cfg(test)]
mod tests;
impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self> { Ok(Self { store: Store::from_env()? }) }
}
fn unrelated() { QueueConfig::from_env(); }
'''


class VariablesTest(unittest.TestCase):
    def find(self, function: str) -> rust.Variables:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "src").mkdir()
            (root / "functions" / "read" / "src").mkdir(parents=True)
            for name, text in (("config", CONFIG), ("store", STORE), ("telemetry", TELEMETRY)):
                (root / "src" / f"{name}.rs").write_text(text)
            (root / "functions" / "read" / "src" / "lib.rs").write_text(function)
            return rust.find_variables(root, "read")

    def test_variables_are_found_through_all_calls(self):
        self.assertEqual(self.find(FUNCTION), rust.Variables({"BUCKET", "REGION", "LOG_LEVEL"}, {"BUCKET"}))

    def test_every_program_reads_the_level_of_its_log(self):
        self.assertEqual(self.find("").all, {"LOG_LEVEL"})


if __name__ == "__main__":
    unittest.main()
