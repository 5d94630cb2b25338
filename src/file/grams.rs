//! The index for parts of filenames. A gram is a hash of the owner and a run of one to three characters of a
//! name key. Rows store the grams of their filename, and a GIN index finds the rows that have all grams of a
//! search. PostgreSQL's own `pg_trgm` finds no part shorter than three characters, although words of one or
//! two characters are usual in Chinese and Japanese. Its index does not include the owner.

use std::collections::BTreeSet;

use crate::id::UserId;

/// The length of the longest runs, in characters.
const MAX_LENGTH: usize = 3;

/// Returns all grams of a name key, sorted. They are stored in the document's row.
pub fn from_name_key(owner: UserId, key: &str) -> Vec<i32> {
    let runs = |length| hash_runs(owner, key, length);
    (1..=MAX_LENGTH).flat_map(runs).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns grams that every name key of this owner has if it contains `part`; none if `part` is empty. The
/// runs overlap as little as possible, because each gram costs a look-up in the index.
pub fn from_search(owner: UserId, part: &str) -> Vec<i32> {
    let chars: Vec<char> = part.chars().collect();
    let Some(last) = chars.len().checked_sub(MAX_LENGTH) else {
        return if chars.is_empty() { Vec::new() } else { vec![hash(owner, &chars)] };
    };
    let starts = (0..last).step_by(MAX_LENGTH).chain([last]);
    starts.filter_map(|start| chars.get(start..start + MAX_LENGTH)).map(|run| hash(owner, run)).collect()
}

/// Returns the hashes of all runs of this length.
fn hash_runs(owner: UserId, text: &str, length: usize) -> Vec<i32> {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(length).map(|run| hash(owner, run)).collect()
}

/// Hashes the owner and a run. Two runs may have the same hash, so statements compare the names as well.
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
