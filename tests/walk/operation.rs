//! What may happen next.

use rand::RngExt as _;
use rand::rngs::StdRng;
use tests::fuse::Side;
use tests::promises::Snapshot;

use crate::model::Model;
use crate::stage::Fault;

/// What is PUT, compared with what was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// The same.
    Meant,
    /// Others, as many.
    Others,
    /// More.
    More,
}

/// One thing that happens. Documents, messages and users are named by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A URL is asked for.
    Begin { user: usize, length: usize, declares_size: bool, declares_sum: bool },
    /// Bytes are PUT, for the first time or again.
    Put { document: usize, bytes: Bytes },
    /// An upload is confirmed.
    Confirm { document: usize },
    /// A document is removed.
    Delete { document: usize },
    /// The schedule comes by.
    Sweep,
    /// A message arrives; `again` if the queue is to deliver it once more.
    Deliver { message: usize, again: bool },
    /// A message never arrives.
    Lose { message: usize },
    /// The vault's own messages join those that are under way.
    Collect,
    /// Time passes.
    Age { minutes: u32 },
    /// An administrator sets a limit.
    Limit { user: usize, bytes: i64 },
    /// Everything comes to rest.
    Rest,
}

impl Operation {
    /// Chooses among what is possible, mostly what leads on.
    pub fn choose(rng: &mut StdRng, model: &Model, now: &Snapshot) -> Self {
        let messages = model.messages.len();
        match rng.random_range(0..100) {
            _ if model.documents.is_empty() => Self::begin(rng),
            0..14 => Self::begin(rng),
            14..32 => Self::put(rng, model, now),
            32..50 => {
                let ready = |key: &str| is_pending(now, key) && now.objects.contains_key(key);
                Self::Confirm { document: mostly(rng, model, ready) }
            }
            50..57 => Self::Delete { document: mostly(rng, model, |key| now.rows.contains_key(key)) },
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
            declares_sum: rng.random_bool(0.3),
        }
    }

    fn put(rng: &mut StdRng, model: &Model, now: &Snapshot) -> Self {
        let empty = |key: &str| is_pending(now, key) && !now.objects.contains_key(key);
        let document = mostly(rng, model, empty);
        let bytes =
            [Bytes::Meant, Bytes::Meant, Bytes::Meant, Bytes::Others, Bytes::More][rng.random_range(0..5)];
        Self::Put { document, bytes }
    }

    /// The most requests that it makes, and with which a fault of its sandbox makes sense.
    const fn requests(self) -> usize {
        match self {
            Self::Begin { .. } => 1,
            Self::Confirm { .. } | Self::Deliver { .. } => 4,
            Self::Delete { .. } => 2,
            Self::Sweep => 8,
            _ => 0,
        }
    }

    /// Chooses what befalls it.
    pub fn fault(self, rng: &mut StdRng) -> Fault {
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

/// Mostly one of those that are apt, else one of the last dozen, seldom any: so operations meet, and also come too late.
fn mostly(rng: &mut StdRng, model: &Model, apt: impl Fn(&str) -> bool) -> usize {
    let many = model.documents.len();
    let apt: Vec<usize> = (0..many).filter(|&number| apt(&model.documents[number].key)).collect();
    match rng.random_range(0..10) {
        0..6 if !apt.is_empty() => apt[rng.random_range(0..apt.len())],
        9 => rng.random_range(0..many),
        _ => rng.random_range(many.saturating_sub(12)..many),
    }
}
