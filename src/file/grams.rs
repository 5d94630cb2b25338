//! Grams find a part of a filename among a million names. They are the runs of one to three characters of a
//! name key, each hashed with the owner to a number that an index holds. PostgreSQL's `pg_trgm` finds no part
//! shorter than three characters, which is what people search for in Chinese and Japanese, and its index
//! knows no owner.

use std::collections::BTreeSet;

use crate::id::UserId;

/// The length of the longest run, in characters.
const MAX_LENGTH: usize = 3;

/// All grams of a name key, for its row.
pub fn from_name_key(owner: UserId, key: &str) -> Vec<i32> {
    let runs = |length| hash_runs(owner, key, length);
    (1..=MAX_LENGTH).flat_map(runs).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Grams that every name key of this owner has if it contains `part`; none for an empty part. They overlap as
/// little as possible: each costs a look-up, and overlapping ones say little that is new.
pub fn from_search(owner: UserId, part: &str) -> Vec<i32> {
    let chars: Vec<char> = part.chars().collect();
    let Some(last) = chars.len().checked_sub(MAX_LENGTH) else {
        return if chars.is_empty() { Vec::new() } else { vec![hash(owner, &chars)] };
    };
    let starts = (0..last).step_by(MAX_LENGTH).chain([last]);
    starts.filter_map(|start| chars.get(start..start + MAX_LENGTH)).map(|run| hash(owner, run)).collect()
}

fn hash_runs(owner: UserId, text: &str, length: usize) -> Vec<i32> {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(length).map(|run| hash(owner, run)).collect()
}

/// Two runs may have one number. It only says where to look: statements compare the names themselves, too.
fn hash(owner: UserId, run: &[char]) -> i32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(owner.0.as_bytes());
    hasher.update(run.iter().collect::<String>().as_bytes());
    hasher.finalize().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(part: &str, name: &str) -> bool {
        let owner = UserId::new();
        let name = from_name_key(owner, name);
        from_search(owner, part).iter().all(|gram| name.contains(gram))
    }

    #[test]
    fn every_part_of_a_name_finds_it() {
        let name = "übersicht 2026 請求書.pdf";
        let chars: Vec<char> = name.chars().collect();
        for length in 0..=chars.len() {
            for part in chars.windows(length.max(1)) {
                assert!(is_found(&part.iter().take(length).collect::<String>(), name));
            }
        }
    }

    #[test]
    fn a_text_that_is_not_in_a_name_does_not_find_it() {
        for part in ["z", "xd", "fdp", "report.pdg", "orep"] {
            assert!(!is_found(part, "report.pdf"), "{part}");
        }
    }

    #[test]
    fn two_owners_have_no_gram_in_common() {
        let (one, other) = (from_name_key(UserId::new(), "a.pdf"), from_name_key(UserId::new(), "a.pdf"));
        assert!(one.iter().all(|gram| !other.contains(gram)));
    }
}
