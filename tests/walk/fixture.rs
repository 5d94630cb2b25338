//! A vault whose services can fail in several ways.

use docuvault::config;
use tests::fuse::{Fuse, Line, Side};
use tests::proxy::{Mode, Proxy};
use tests::{Services, TestVault};

/// The maximum upload size, in bytes.
pub const MAX_BYTES: i64 = 56;

/// The maximum number of unexpired upload URLs that a user may hold.
pub const MAX_PENDING: u32 = 6;

/// A fault during an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes wrong.
    None,
    /// The sandbox dies at its n-th request to a service.
    Crash(usize, Side),
    /// The connection breaks at the n-th request. The operation continues.
    Cut(usize, Side),
    /// The store is unreachable.
    StoreDown,
    /// The store answers every request with an error.
    StoreFails,
}

/// A vault, and proxies in front of its services.
pub struct Fixture {
    /// The vault under test.
    pub vault: TestVault,
    /// Services without a proxy, which do not fail.
    sound: Services,
    /// Cuts the connections of a sandbox at a chosen request.
    fuse: Fuse,
    postgres: Line,
    store: Line,
    queue: Line,
    store_proxy: Proxy,
}

impl Fixture {
    /// Creates a vault with limits so low that the walk reaches them.
    pub async fn new() -> Self {
        let mut vault = TestVault::new().await;
        vault.limits =
            config::UploadLimits { max_bytes: MAX_BYTES, max_pending: MAX_PENDING, ..vault.limits };
        let (fuse, endpoint) = (Fuse::default(), vault.bucket.config().endpoint.unwrap());
        Self {
            sound: vault.services(),
            postgres: fuse.open_line(&vault.database.address()).await,
            store: fuse.open_line(&endpoint).await,
            queue: fuse.open_line(vault.queue.endpoint.as_deref().unwrap()).await,
            store_proxy: Proxy::start(&endpoint).await,
            fuse,
            vault,
        }
    }

    /// Runs an operation in a sandbox with this fault. Returns `None` if the sandbox died.
    pub async fn run<T>(&self, fault: Fault, operation: impl AsyncFnOnce(Services) -> T) -> Option<T> {
        match fault {
            Fault::None => Some(operation(self.sound.clone()).await),
            Fault::StoreDown => Some(operation(self.with_failing_store(Mode::Down)).await),
            // The SDK does not retry this status.
            Fault::StoreFails => Some(operation(self.with_failing_store(Mode::Status(507))).await),
            Fault::Cut(step, side) => {
                let services = self.with_fuse().await;
                self.fuse.arm(step, side);
                Some(operation(services).await)
            }
            Fault::Crash(step, side) => {
                let services = self.with_fuse().await;
                self.fuse.arm(step, side);
                tokio::select! {
                    biased;
                    () = self.fuse.wait_until_blown() => None,
                    done = operation(services) => Some(done),
                }
            }
        }
    }

    fn with_failing_store(&self, mode: Mode) -> Services {
        self.store_proxy.set_mode(mode);
        let storage = self.vault.bucket.config_at(&self.store_proxy.endpoint());
        self.vault.services_at(&self.vault.database.address(), storage, self.vault.queue.clone())
    }

    async fn with_fuse(&self) -> Services {
        self.fuse.disarm();
        let storage = self.vault.bucket.config_at(&self.store.endpoint());
        let queue = config::QueueConfig { endpoint: Some(self.queue.endpoint()), ..self.vault.queue.clone() };
        let services = self.vault.services_at(self.postgres.address(), storage, queue);
        services.db.clone().warm().await;
        services
    }
}
