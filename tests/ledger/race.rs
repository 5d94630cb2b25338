//! Tools to run operations at the same time.

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
use tests::{Client, Services, TestVault};
use tokio::sync::Barrier;

/// Runs all futures at once, each on a task of its own, behind one barrier. Returns the results in the order
/// of `runs`.
pub async fn run_together<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
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

/// Runs two futures at once. The second starts `lead` later, so that rounds can try every overlap.
pub async fn run_with_lead<A: Send + 'static, B: Send + 'static>(
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

/// Returns a lead for each round, from zero to twice the time of a confirmation on this machine, so that each
/// side wins some rounds.
pub async fn choose_leads(rounds: u32, alice: &Client) -> impl Iterator<Item = Duration> + use<> {
    let begun = Instant::now();
    let upload = alice.store_confirmed("measure.txt", b"hello").await;
    let most = begun.elapsed() * 2;
    alice.delete_document(upload.document_id).await.expect(204);
    (0..rounds).map(move |round| most * round / rounds)
}

/// Sandboxes with open connections, so that connecting does not decide a race.
pub async fn open_sandboxes(vault: &TestVault, many: usize) -> Vec<Router> {
    let mut sandboxes = Vec::new();
    for _ in 0..many {
        let services = vault.services();
        services.db.clone().warm().await;
        let absent = ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename(""));
        let _answered = services.storage.client_of("confirm").head(&absent).await;
        sandboxes.push(vault.routes(&services));
    }
    sandboxes
}

/// Returns the same caller in each sandbox.
pub fn callers_in(client: &Client, sandboxes: &[Router]) -> Vec<Client> {
    sandboxes.iter().map(|routes| client.served_by(routes.clone())).collect()
}

/// A worker of `classify` with its own connections.
#[derive(Clone)]
pub struct Worker(Classifier);

impl Worker {
    /// Creates a worker.
    pub fn new(vault: &TestVault) -> Self {
        let Services { db, storage, .. } = vault.services();
        Self(vault.classifier(db, storage.stores_of("classify")))
    }

    /// Delivers one message. After an error the queue would deliver it again.
    pub async fn deliver(self, body: String) -> Result<()> {
        let mut message = SqsMessage::default();
        message.body = Some(body);
        self.0.handle(&message).await
    }
}

/// Runs the sweep once with these services.
pub async fn sweep(services: Services) -> Report {
    cleanup::sweep(&services.db, &services.storage.stores_of("cleanup"), &services.queue, Deadline::none())
        .await
        .unwrap()
}
