//! The operations and faults that the walk chooses from.

use rand::RngExt as _;
use rand::rngs::StdRng;
use tests::fuse::Side;
use tests::promises::Snapshot;

use crate::fixture::Fault;
use crate::model::Model;

/// The bytes of a PUT, compared with the declared ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// The declared bytes.
    Declared,
    /// Other bytes of the same length.
    Others,
    /// More bytes.
    More,
}

/// One step of the walk. Documents, messages and users are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A user asks for an upload URL.
    Begin { user: usize, length: usize, declares_size: bool, declares_sha256: bool },
    /// A user PUTs bytes, for the first time or again.
    Put { document: usize, bytes: Bytes },
    /// A user confirms an upload.
    Confirm { document: usize },
    /// A user deletes a document.
    Delete { document: usize },
    /// The scheduled sweep runs.
    Sweep,
    /// A message arrives. If `again` is set, the queue will deliver it once more.
    Deliver { message: usize, again: bool },
    /// A message is lost.
    Lose { message: usize },
    /// The walk takes the messages that the vault has sent from the queue. They can arrive later.
    Collect,
    /// Time passes, in minutes.
    Age { minutes: u32 },
    /// An administrator sets a user's quota limit, in bytes.
    Limit { user: usize, bytes: i64 },
    /// Sweeps run and messages arrive until none is left.
    Rest,
}

impl Operation {
    /// Chooses a possible operation, mostly one that changes something.
    pub fn choose(rng: &mut StdRng, model: &Model, now: &Snapshot) -> Self {
        let messages = model.messages.len();
        match rng.random_range(0..100) {
            _ if model.documents.is_empty() => Self::begin(rng),
            0..14 => Self::begin(rng),
            14..32 => Self::put(rng, model, now),
            32..50 => {
                let ready = |key: &str| is_pending(now, key) && now.objects.contains_key(key);
                Self::Confirm { document: choose_document(rng, model, ready) }
            }
            50..57 => {
                Self::Delete { document: choose_document(rng, model, |key| now.rows.contains_key(key)) }
            }
            57..63 => Self::Sweep,
            63..79 if messages > 0 => {
                Self::Deliver { message: rng.random_range(0..messages), again: rng.random_bool(0.25) }
            }
            79..81 if messages > 0 => Self::Lose { message: rng.random_range(0..messages) },
            81..88 => Self::Collect,
            88..93 => Self::Age { minutes: [5, 5, 20, 20, 20, 60, 120, 25 * 60][rng.random_range(0..8)] },
            93..97 => Self::Limit {
                user: rng.random_range(0..model.users.len()),
                bytes: [0, 100, 300, 600, 1_500][rng.random_range(0..5)],
            },
            97 => Self::Rest,
            _ => Self::begin(rng),
        }
    }

    fn begin(rng: &mut StdRng) -> Self {
        Self::Begin {
            user: rng.random_range(0..2),
            length: rng.random_range(0..60),
            declares_size: rng.random_bool(0.4),
            declares_sha256: rng.random_bool(0.3),
        }
    }

    fn put(rng: &mut StdRng, model: &Model, now: &Snapshot) -> Self {
        let empty = |key: &str| is_pending(now, key) && !now.objects.contains_key(key);
        let document = choose_document(rng, model, empty);
        let bytes = [Bytes::Declared, Bytes::Declared, Bytes::Declared, Bytes::Others, Bytes::More]
            [rng.random_range(0..5)];
        Self::Put { document, bytes }
    }

    /// Returns the number of requests that the operation makes at most, or 0 for operations without a
    /// sandbox.
    const fn requests(self) -> usize {
        match self {
            Self::Begin { .. } => 1,
            Self::Confirm { .. } | Self::Deliver { .. } => 4,
            Self::Delete { .. } => 2,
            Self::Sweep => 11,
            _ => 0,
        }
    }

    /// Chooses a fault for the operation.
    pub fn choose_fault(self, rng: &mut StdRng) -> Fault {
        let (chance, side) = (rng.random_range(0..200), rng.random_bool(0.5));
        let requests = self.requests();
        if requests == 0 {
            return Fault::None;
        }
        let (step, side) = (rng.random_range(1..=requests), if side { Side::Before } else { Side::After });
        match chance {
            0..50 => Fault::Crash(step, side),
            50..62 => Fault::Cut(step, side),
            62..72 => Fault::StoreFails,
            72 => Fault::StoreDown,
            _ => Fault::None,
        }
    }
}

fn is_pending(now: &Snapshot, key: &str) -> bool {
    now.rows.get(key).is_some_and(|row| !row.is_confirmed())
}

/// Chooses a document: in most cases a suitable one, sometimes one of the last twelve, in rare cases any. So
/// several operations often meet on one document, and some come too late.
fn choose_document(rng: &mut StdRng, model: &Model, suitable: impl Fn(&str) -> bool) -> usize {
    let many = model.documents.len();
    let suitable: Vec<usize> = (0..many).filter(|&number| suitable(&model.documents[number].key)).collect();
    match rng.random_range(0..10) {
        0..6 if !suitable.is_empty() => suitable[rng.random_range(0..suitable.len())],
        9 => rng.random_range(0..many),
        _ => rng.random_range(many.saturating_sub(12)..many),
    }
}
