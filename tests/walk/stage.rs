//! The vault with everything that can go wrong around it.

use docuvault::config;
use tests::fuse::{Fuse, Line, Side};
use tests::proxy::{Mode, Proxy};
use tests::{Parts, TestVault};

/// The largest object, in bytes.
pub const MAX_BYTES: i64 = 56;

/// How many live upload URLs a user may hold.
pub const MAX_PENDING: u32 = 6;

/// What befalls one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Its sandbox dies at the n-th request that it makes.
    Crash(usize, Side),
    /// The connection breaks at the n-th request; the operation goes on as it can.
    Cut(usize, Side),
    /// The store can't be reached.
    StoreDown,
    /// The store answers that it can't.
    StoreFails,
}

/// A vault, and the ways to it.
pub struct Stage {
    /// The vault under test.
    pub vault: TestVault,
    /// A sandbox that nothing befalls.
    sound: Parts,
    /// Counts the requests of those that something befalls.
    fuse: Fuse,
    postgres: Line,
    store: Line,
    queue: Line,
    weather: Proxy,
}

impl Stage {
    /// Small enough that every limit is met.
    pub async fn new() -> Self {
        let mut vault = TestVault::new().await;
        vault.limits = config::Uploads { max_bytes: MAX_BYTES, max_pending: MAX_PENDING, ..vault.limits };
        let (fuse, endpoint) = (Fuse::default(), vault.bucket.config().endpoint.unwrap());
        Self {
            sound: vault.parts(),
            postgres: fuse.line(&vault.database.address()).await,
            store: fuse.line(&endpoint).await,
            queue: fuse.line(vault.queue.endpoint.as_deref().unwrap()).await,
            weather: Proxy::before(&endpoint).await,
            fuse,
            vault,
        }
    }

    /// Runs an operation in a sandbox that this befalls; none where the sandbox died.
    pub async fn run<T>(&self, fault: Fault, operation: impl AsyncFnOnce(Parts) -> T) -> Option<T> {
        match fault {
            Fault::None => Some(operation(self.sound.clone()).await),
            Fault::StoreDown => Some(operation(self.in_weather(Mode::Down)).await),
            // Not one of the statuses that are tried again.
            Fault::StoreFails => Some(operation(self.in_weather(Mode::Status(507))).await),
            Fault::Cut(step, side) => {
                let parts = self.fused().await;
                self.fuse.set(step, side);
                Some(operation(parts).await)
            }
            Fault::Crash(step, side) => {
                let parts = self.fused().await;
                self.fuse.set(step, side);
                tokio::select! {
                    biased;
                    () = self.fuse.blown() => None,
                    done = operation(parts) => Some(done),
                }
            }
        }
    }

    fn in_weather(&self, mode: Mode) -> Parts {
        self.weather.set(mode);
        let storage = self.vault.bucket.config_by(&self.weather.endpoint());
        self.vault.parts_by(&self.vault.database.address(), storage, self.vault.queue.clone())
    }

    async fn fused(&self) -> Parts {
        self.fuse.clear();
        let storage = self.vault.bucket.config_by(&self.store.endpoint());
        let queue = config::Queue { endpoint: Some(self.queue.endpoint()), ..self.vault.queue.clone() };
        let parts = self.vault.parts_by(self.postgres.address(), storage, queue);
        parts.db.clone().warm().await;
        parts
    }
}
