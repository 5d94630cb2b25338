//! Words that others can guess about an account. Passwords must not contain them.

use super::common::fold;

/// The shortest word that counts, in characters. Shorter words are in many good passwords.
const MIN_WORD: usize = 4;

/// The name of the product.
const PRODUCT: &str = "docuvault";

/// Finds a word in the password that belongs to the account: a part of its e-mail address, or the name of the
/// product. Upper and lower case are the same, and so are letters and the digits and symbols that replace
/// them, such as `0` and `o`.
pub(super) fn find_word<'a>(password: &str, email: &'a str) -> Option<&'a str> {
    let password = fold(password);
    words(email).find(|word| word.chars().count() >= MIN_WORD && password.contains(&fold(word)))
}

/// Returns the local part of an address and its parts, the labels of the domain except the last one, and the
/// name of the product.
fn words(email: &str) -> impl Iterator<Item = &str> {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let labels = domain.rsplit_once('.').map_or("", |(labels, _)| labels);
    let parts = local.split(|c: char| !c.is_alphanumeric()).chain(labels.split('.'));
    [local, PRODUCT].into_iter().chain(parts)
}

#[cfg(test)]
mod tests {
    use super::find_word;

    #[test]
    fn the_parts_of_the_address_and_the_product_are_found() {
        for (password, word) in [
            ("Lovelace-1815-xy", Some("lovelace")),
            ("xy-L0VEL4CE-1815", Some("lovelace")),
            ("Ada.Lovelace+work-1", Some("ada.lovelace+work")),
            ("My-Engines-1815!", Some("Engines")),
            ("Mail-Engines-18!", Some("mail")),
            ("D0cuV@ult-1815-x", Some("docuvault")),
            ("Ada-org-1815-xyz", None),
            ("Correct-Horse-7", None),
        ] {
            assert_eq!(find_word(password, "ada.lovelace+work@mail.Engines.org"), word, "{password}");
        }
    }

    #[test]
    fn an_address_without_words_forbids_the_product_only() {
        for email in ["", "@", "a@b.c", "a@b"] {
            assert_eq!(find_word("Correct-Horse-7", email), None, "{email}");
            assert_eq!(find_word("Docuvault-Horse-7", email), Some("docuvault"), "{email}");
        }
    }
}
