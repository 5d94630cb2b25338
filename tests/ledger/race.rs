//! How a race is run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lambda_events::sqs::SqsMessage;
use axum::Router;
use classify::Classifier;
use cleanup::Report;
use docuvault::Result;
use docuvault::deadline::Deadline;
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Extension, ObjectKey};
use tests::{Client, Parts, TestVault};
use tokio::sync::Barrier;

/// Runs all at once: each on a task of its own, behind one barrier. Answers in the order of `runs`.
pub async fn together<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    runs: impl IntoIterator<Item = F>,
) -> Vec<T> {
    let runs: Vec<F> = runs.into_iter().collect();
    let barrier = Arc::new(Barrier::new(runs.len()));
    let mut tasks = Vec::new();
    for run in runs {
        let barrier = Arc::clone(&barrier);
        tasks.push(tokio::spawn(async move {
            barrier.wait().await;
            run.await
        }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Two of different kinds at once; the second is held back by `lead`, so that rounds can try every overlap.
pub async fn against<A: Send + 'static, B: Send + 'static>(
    first: impl Future<Output = A> + Send + 'static,
    lead: Duration,
    second: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    let barrier = Arc::new(Barrier::new(2));
    let start = Arc::clone(&barrier);
    let first = tokio::spawn(async move {
        start.wait().await;
        first.await
    });
    let second = tokio::spawn(async move {
        barrier.wait().await;
        let begun = Instant::now();
        while begun.elapsed() < lead {
            tokio::task::yield_now().await;
        }
        second.await
    });
    (first.await.unwrap(), second.await.unwrap())
}

/// A lead for each round, from none to longer than a confirmation takes on this machine now, so that either side wins some.
pub async fn leads(rounds: u32, alice: &Client) -> impl Iterator<Item = Duration> + use<> {
    let begun = Instant::now();
    let upload = alice.keep("measure.txt", b"hello").await;
    let most = begun.elapsed() * 2;
    alice.remove(upload.document_id).await.expect(204);
    (0..rounds).map(move |round| most * round / rounds)
}

/// Sandboxes with open connections, so that a race is not decided by who connects first.
pub async fn sandboxes(vault: &TestVault, many: usize) -> Vec<Router> {
    let mut sandboxes = Vec::new();
    for _ in 0..many {
        let parts = vault.parts();
        parts.db.clone().warm().await;
        let absent = ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename(""));
        let _answered = parts.storage.of("confirm").head(&absent).await;
        sandboxes.push(vault.routes(&parts));
    }
    sandboxes
}

/// The same caller in each of the sandboxes.
pub fn callers(client: &Client, sandboxes: &[Router]) -> Vec<Client> {
    sandboxes.iter().map(|routes| client.served_by(routes.clone())).collect()
}

/// A sandbox of `classify`.
#[derive(Clone)]
pub struct Worker(Classifier);

impl Worker {
    /// One more.
    pub fn new(vault: &TestVault) -> Self {
        let Parts { db, storage, .. } = vault.parts();
        Self(vault.classifier(db, storage.of("classify")))
    }

    /// Delivers one message; an error would bring it back.
    pub async fn deliver(self, body: String) -> Result<()> {
        let mut message = SqsMessage::default();
        message.body = Some(body);
        self.0.handle(&message).await
    }
}

/// One run of the sweep in the given sandbox.
pub async fn sweep(parts: Parts) -> Report {
    cleanup::sweep(&parts.db, &parts.storage.of("cleanup"), &parts.queue, Deadline::none()).await.unwrap()
}
