//! Every order in which the owner of a session and a thief can refresh, up to six moves. A model says what
//! must happen, and Postgres must do the same.
//!
//! The thief has copied the session's first refresh token before the first move. A move is a refresh by the
//! owner, a refresh by the thief, or a refresh by the owner whose answer is lost. It happens at once, or an
//! hour after the move before.

mod family;

use docuvault::config::{AttemptLimits, RequireFactor};
use docuvault::db;
use docuvault::db::session::{Refresh, RefreshAttempts};
use docuvault::limit::{Action, Attempt, Subject};
use docuvault::token::OpaqueToken;
use docuvault::visit::Visit;
use tests::TestVault;

use family::Family;

/// Who refreshes, and whether the answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Owner,
    Thief,
    Lost,
}

/// A move, and whether an hour has passed since the one before.
type Step = (Move, bool);

const MOVES: [Move; 3] = [Move::Owner, Move::Thief, Move::Lost];

/// The most moves of a sequence.
const MOST: u32 = 6;

/// Returns all sequences of this many steps.
fn sequences(steps: u32, known: &[Step]) -> impl Iterator<Item = Vec<Step>> {
    let count = known.len();
    (0..count.pow(steps))
        .map(move |number| (0..steps).map(|place| known[number / count.pow(place) % count]).collect())
}

/// Returns every kind of step: each move at once, and each an hour later.
fn all_steps() -> Vec<Step> {
    MOVES.iter().flat_map(|&one| [(one, false), (one, true)]).collect()
}

/// Who has which token: its number in the family. Each party starts with the first one.
#[derive(Clone, Debug)]
struct Game {
    family: Family,
    owner: usize,
    thief: usize,
    /// Whether each party has got a token from the service since the theft.
    received: [bool; 2],
}

impl Game {
    fn new() -> Self {
        Self { family: Family::new(), owner: 0, thief: 0, received: [false; 2] }
    }

    /// Plays a step. Returns the token that is used, and the new one if the token is accepted.
    fn play(&mut self, (by, is_late): Step) -> (usize, Option<usize>) {
        if is_late {
            self.family.wait();
        }
        let given = if by == Move::Thief { self.thief } else { self.owner };
        let got = self.family.redeem(given);
        match (by, got) {
            (Move::Owner, Some(token)) => (self.owner, self.received[0]) = (token, true),
            (Move::Thief, Some(token)) => (self.thief, self.received[1]) = (token, true),
            _ => {}
        }
        (given, got)
    }

    fn after(steps: &[Step]) -> Self {
        let mut game = Self::new();
        for &step in steps {
            game.play(step);
        }
        game
    }
}

#[test]
fn without_a_thief_no_session_ends() {
    let honest: Vec<_> = all_steps().into_iter().filter(|(by, _)| *by != Move::Thief).collect();
    for steps in sequences(MOST, &honest) {
        assert!(!Game::after(&steps).family.has_ended(), "{steps:?}");
    }
}

/// Two parties who both have got a token of their own cannot go on: if each of them refreshes once more, in
/// any order and at any time, the session ends.
#[test]
fn a_thief_is_caught_in_every_order() {
    let (mut shared, known) = (0, all_steps());
    for steps in (1..=MOST).flat_map(|count| sequences(count, &known)) {
        let game = Game::after(&steps);
        if game.received != [true; 2] || game.family.has_ended() {
            continue;
        }
        shared += 1;
        for (first, second) in [(Move::Owner, Move::Thief), (Move::Thief, Move::Owner)] {
            for (soon, late) in [(false, false), (false, true), (true, false), (true, true)] {
                let mut game = game.clone();
                game.play((first, soon));
                let (_, got) = game.play((second, late));
                assert!(got.is_none() && game.family.has_ended(), "{steps:?}, {first:?}, {second:?}");
            }
        }
    }
    assert!(shared > 1_000, "both have tokens after {shared} sequences");
}

/// If more than the grace passes between the moves, the party that refreshed last is the only one whose token
/// is accepted.
#[test]
fn only_the_last_holder_goes_on() {
    let late: Vec<_> = MOVES.map(|one| (one, true)).into();
    for steps in (1..=MOST).flat_map(|count| sequences(count, &late)) {
        let game = Game::after(&steps);
        if game.received == [true; 2] && !game.family.has_ended() {
            let accepted = MOVES[..2].iter().filter(|&&one| game.clone().play((one, true)).1.is_some());
            assert!(accepted.count() <= 1, "{steps:?}");
        }
    }
}

/// Plays a sequence on the model and on a session in Postgres. Each step must have the same result.
async fn compare(vault: &TestVault, services: &tests::Services, user: docuvault::id::UserId, steps: &[Step]) {
    let session = vault.start_session(user).await;
    let mut tokens = vec![vault.refresh_token(session).await];
    let (mut game, superuser) = (Game::new(), vault.database.superuser().await);
    for &step in steps {
        if step.1 {
            let wait = "update sessions set rotated_at = rotated_at - interval '1 hour' where id = $1";
            superuser.execute(wait, &[&session.session]).await.unwrap();
        }
        let (given, got) = game.play(step);
        let new = OpaqueToken::random().unwrap();
        let used = (&tokens[given].hash(), &new.hash());
        let limits = AttemptLimits { address_factor: 1 };
        let attempts = RefreshAttempts {
            renewal: Attempt::new(Action::Renewal, limits, Subject::default()),
            // All sequences together have more refusals than an address may have.
            refusal: Attempt { allowances: Vec::new(), names: Vec::new() },
        };
        let visit = Visit::default();
        let answer = {
            let (old, new) = used;
            db::session::refresh(&services.db, old, new, RequireFactor::None, &attempts, &visit)
                .await
                .unwrap()
        };
        let expected = match got {
            None => Refresh::Refused,
            Some(_) => Refresh::Renewed { user: session, password_must_change: false },
        };
        assert_eq!(answer, expected, "{step:?} of {steps:?}");
        tokens.extend(got.map(|_| new));
    }
    let ended = "select ended_at is not null from sessions where id = $1";
    let ended: bool = superuser.query_one(ended, &[&session.session]).await.unwrap().get(0);
    assert_eq!(ended, game.family.has_ended(), "{steps:?}");
}

/// Sequences without a pause, sequences with a pause before every move, and shorter ones with both.
#[tokio::test]
async fn postgres_does_what_the_model_says() {
    let vault = TestVault::new().await;
    let (user, services) = (vault.create_user().await.id(), vault.services());
    let (soon, late) = (MOVES.map(|one| (one, false)), MOVES.map(|one| (one, true)));
    let all = sequences(MOST, &soon).chain(sequences(MOST, &late)).collect::<Vec<_>>();
    for steps in all.into_iter().chain(sequences(4, &all_steps())) {
        compare(&vault, &services, user, &steps).await;
    }
}
