//! Medians, and a test by ranks. The speed of machines varies, and a single slow round must not decide.

/// Returns the median of the values. For an even number of values it is the mean of the middle two; without
/// values it is 0.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

/// Returns the score of the Mann-Whitney test (the normal approximation): how far the ranks of two samples
/// are from those of samples of one distribution, in standard deviations. It is positive if the first sample
/// has the larger values, and 0 if a sample is empty. Equal values share their ranks.
pub fn rank_score(first: &[f64], second: &[f64]) -> f64 {
    let (n, m) = (first.len() as f64, second.len() as f64);
    if first.is_empty() || second.is_empty() {
        return 0.0;
    }
    let below = |value: f64, other: f64| {
        if other < value {
            1.0
        } else if other > value {
            0.0
        } else {
            0.5
        }
    };
    let wins: f64 = first.iter().map(|&one| second.iter().map(|&two| below(one, two)).sum::<f64>()).sum();
    (wins - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::{median, rank_score};

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
    }

    #[test]
    fn samples_of_one_distribution_have_a_small_score_and_others_a_large_one() {
        let even: Vec<_> = (0..200).map(|n| f64::from(n * 2)).collect();
        let odd: Vec<_> = (0..200).map(|n| f64::from(n * 2 + 1)).collect();
        let later: Vec<_> = even.iter().map(|value| value + 80.0).collect();
        assert!(rank_score(&odd, &even).abs() < 0.2);
        assert_eq!(rank_score(&even, &even), 0.0);
        // By hand: 4 of 6 pairs are won, the mean is 3, and the deviation is the root of 3.
        let score = rank_score(&[2.0, 4.0, 5.0], &[1.0, 4.5]);
        assert!((score - 1.0 / 3.0_f64.sqrt()).abs() < 1e-9, "{score}");
        assert!(rank_score(&later, &even) > 5.0 && rank_score(&even, &later) < -5.0);
    }
}
