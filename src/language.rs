//! The languages of mails.

use serde::Serialize;

/// A language of mails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The name in the database and in HTML (RFC 5646).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Returns the language with this name. Returns English if the vault does not have it, because a later
    /// release may have more languages.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|language| language.as_str() == name).unwrap_or_default()
    }

    /// Chooses the language that a client prefers among those of the vault, from the header
    /// `Accept-Language` (RFC 9110, section 12.5.4). Of two with the same weight, the first one counts.
    /// Returns English if the header names none of them.
    pub fn negotiate(header: &str) -> Self {
        let ranges = header.split(',').filter_map(parse_range);
        // `max_by_key` would return the last one of the greatest weight.
        ranges.rev().max_by_key(|(_, weight)| *weight).map_or_else(Self::default, |(language, _)| language)
    }
}

/// Reads a range such as `de-AT;q=0.8`. Returns the language and the weight in thousandths. Returns `None` if
/// the vault does not have the language, or if the client refuses it (weight 0).
fn parse_range(range: &str) -> Option<(Language, u32)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let primary = tag.split('-').next().unwrap_or_default();
    let language =
        Language::ALL.into_iter().find(|language| language.as_str().eq_ignore_ascii_case(primary))?;
    let weight =
        parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
    let thousandths = (weight.clamp(0.0, 1.0) * 1_000.0).round() as u32;
    (thousandths > 0).then_some((language, thousandths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_greatest_weight_is_chosen() {
        for (header, chosen) in [
            ("", Language::En),
            ("de", Language::De),
            ("de-AT", Language::De),
            ("DE-ch, en;q=0.5", Language::De),
            ("en-GB,en;q=0.9,de;q=0.8", Language::En),
            ("en;q=0.5, de;q=0.8", Language::De),
            ("fr, de;q=0.3, en;q=0.2", Language::De),
            ("fr-FR, fr;q=0.9", Language::En),
            ("de;q=0", Language::En),
            ("de;q=NaN, en;q=0.1", Language::En),
            ("de ; q=1, en;q=1", Language::De),
            ("*, de;q=0.1", Language::De),
            ("den, deu", Language::En),
            (";;,,;q=", Language::En),
        ] {
            assert_eq!(Language::negotiate(header), chosen, "{header}");
        }
    }

    #[test]
    fn an_unknown_name_is_read_as_english() {
        assert_eq!(Language::from_name("de"), Language::De);
        assert_eq!(Language::from_name("tlh"), Language::En);
    }
}
