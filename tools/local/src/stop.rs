//! The wish to end, known to every task.

use tokio::sync::watch;

/// Ends the tasks that hold its [`Stop`].
pub struct Stopper(watch::Sender<bool>);

/// What a task asks.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Both ends.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks all tasks to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it is time.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the time; a stopper that is gone counts as asking.
    pub async fn asked(&self) {
        let _ = self.0.clone().wait_for(|stop| *stop).await;
    }
}
